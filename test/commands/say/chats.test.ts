import { sayChat, sayClosed, sayGroupChat, sayNickname, sayNudge, sayRetry } from "../../../src/commands/say/chats.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { says } from "../../support/says.ts";

const account = "nils@example.com";
const roomId = "!a:b";
const LINK = "https://matrix.to/#/!a%3Ab";
const AWAY = "The homeserver does not answer right now. Try again in a few minutes.";
const away = { type: "homeserver-away" } as const;
const error = new MsnError("contact-offline", "offline");

describe("commands/say/chats", () => {
  says(sayChat, [
    [
      { type: "chat-opened", account, roomId, isNew: true, isStranger: false },
      `I invited you to your chat with ${account}: ${LINK}`,
    ],
    [
      { type: "chat-opened", account, roomId, isNew: true, isStranger: true },
      `I invited you to your chat with ${account}: ${LINK} ${account} is not one of your contacts, so you do not see ` +
        `whether she is online; say add ${account} to change that.`,
    ],
    [
      { type: "chat-opened", account, roomId, isNew: false, isStranger: true },
      `You already have a chat with ${account}: ${LINK}`,
    ],
    [
      { type: "chat-encrypted", account },
      `I made a room for ${account}, but it is of no use. This homeserver encrypts every room, and this bridge cannot read ` +
        "encrypted messages: what you write here does not arrive. Whoever runs the homeserver can change that (Synapse: " +
        "encryption_enabled_by_default_for_room_type: off).",
    ],
    [
      { type: "logged-out", passport: "a@b.c" },
      "a@b.c is logged out, so the chat would lead nowhere. Say login first.",
    ],
    [away, AWAY],
  ]);
  says(sayGroupChat, [
    [
      { type: "group-opened", name: "Nils, Olga", roomId, missing: [] },
      `Your group chat with Nils, Olga has a room of its own: ${LINK}`,
    ],
    [
      { type: "group-opened", name: "Nils", roomId, missing: ["Olga", "Pia"] },
      `Your group chat with Nils has a room of its own: ${LINK} Not there: Olga, Pia.`,
    ],
    [{ type: "invited" }, undefined],
    [
      { type: "not-called", who: ["Nils"], error },
      "Nils could not be called to the chat: Nils is offline, or cannot be reached by you.",
    ],
    [away, AWAY],
  ]);
  says(sayNudge, [
    [{ type: "nudged" }, "Nudged."],
    [
      { type: "not-nudged", name: "Nils", error },
      "Your nudge was not delivered: Nils is offline, or cannot be reached by you.",
    ],
  ]);
  says(sayNickname, [
    [{ type: "nicknamed", account, title: null }, `${account} goes by her own name.`],
    [{ type: "nicknamed", account, title: "Nisse" }, `Your room with ${account} is called Nisse.`],
    [away, AWAY],
  ]);
  says(sayClosed, [
    [
      { type: "closed", name: "Nils", end: "deleted", isEmpty: true },
      "The room of your chat with Nils is deleted. The next message, or start-chat, opens a new one.",
    ],
    [
      { type: "closed", name: "Nils", end: "unbridged", isEmpty: false },
      "The room of your chat with Nils is not bridged any more. The next message, or start-chat, opens a new one. The " +
        "homeserver did not let everybody leave the old room.",
    ],
    [{ type: "no-room" }, "That chat has no room. Say start-chat to open one."],
  ]);
  says(sayRetry, [
    [{ type: "retried" }, undefined],
    [{ type: "nothing-to-retry" }, "There is nothing here that could be sent again."],
    [away, AWAY],
  ]);
});
