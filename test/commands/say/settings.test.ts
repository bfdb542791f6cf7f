import { sayName, sayPrivacy, sayStatus } from "../../../src/commands/say/settings.ts";
import { says } from "../../support/says.ts";

const login = { passport: "a@b.c", network: "One" };

describe("commands/say/settings", () => {
  says(sayStatus, [
    [
      { ...login, isConnected: true, status: "BSY", policy: "manual" },
      'a@b.c on One: your status is "busy", and it stays as you set it.',
    ],
    [
      { ...login, isConnected: false, status: "NLN", policy: "follow" },
      'a@b.c on One: once you are signed in your status will be "online", and it follows what you do on Matrix.',
    ],
    [
      { ...login, isConnected: true, status: "NLN", policy: "always" },
      'a@b.c on One: your status is "online", and it is always online.',
    ],
  ]);
  says(sayName, [
    [{ type: "renamed", ...login, name: "Ada" }, 'Your contacts on One see a@b.c as "Ada" now.'],
    [{ type: "nameless" }, "Say set-name and the name under which your contacts are to see you."],
    [{ type: "name-too-long" }, "That name is too long for MSN. Take a shorter one."],
    [{ type: "not-signed-in", ...login }, "a@b.c is not signed in to One right now. Say status to see why."],
  ]);
  says(sayPrivacy, [
    [
      { type: "privacy", passport: "a@b.c", isOpen: true, asksOnAdd: true },
      "The privacy of a@b.c is open: everybody whom you have not blocked may see you and write to you. Other MSN clients " +
        "ask you when somebody adds you.",
    ],
    [
      { type: "privacy", passport: "a@b.c", isOpen: false, asksOnAdd: false },
      "The privacy of a@b.c is closed: only those whom you have allowed or added may see you and write to you. Other MSN " +
        "clients do not ask you when somebody adds you.",
    ],
    [{ type: "not-signed-in", ...login }, "a@b.c is not signed in to One right now. Say status to see why."],
  ]);
});
