import { sayForgotten, sayPuppet, sayToken } from "../../../src/commands/say/puppet.ts";
import { says } from "../../support/says.ts";

const ELSEWHERE =
  "I can accept invitations only for people of the homeserver that I belong to, and you are of another.";
const AWAY = "The homeserver does not answer right now. Try again in a few minutes.";
const FORGOTTEN = "I have forgotten your access token; it stays valid until you sign out of its session.";

describe("commands/say/puppet", () => {
  says(sayToken, [
    [{ type: "works" }, "Your access token works: from now on I accept the invitations to your chats for you."],
    [{ type: "no-token" }, "That is not an access token."],
    [{ type: "refused" }, "The homeserver does not take that access token. Copy it once more, the whole of it."],
    [{ type: "somebody-else", userId: "@bob:localhost" }, "That is the access token of @bob:localhost, not yours."],
    [{ type: "elsewhere" }, ELSEWHERE],
    [{ type: "homeserver-away" }, AWAY],
  ]);
  says(sayForgotten, [
    [{ type: "no-token" }, "I have no access token of yours."],
    [
      { type: "forgotten", goesOn: true },
      `${FORGOTTEN} I go on accepting your invitations, because whoever runs this bridge has set it up so.`,
    ],
    [
      { type: "forgotten", goesOn: false },
      `${FORGOTTEN} From now on you accept the invitations to your chats yourself.`,
    ],
  ]);
  says(sayPuppet, [
    [{ type: "elsewhere" }, ELSEWHERE],
    [{ type: "none" }, "I cannot accept invitations for you. Say login-matrix to let me."],
    [
      { type: "lost" },
      "The homeserver does not let me act for you any more. Say login-matrix to give me an access token.",
    ],
    [{ type: "works", by: "own-token" }, "Your access token works: I accept the invitations to your chats for you."],
    [
      { type: "works", by: "registration" },
      "I accept the invitations to your chats for you, because whoever runs this bridge has set it up so.",
    ],
    [{ type: "homeserver-away" }, AWAY],
  ]);
});
