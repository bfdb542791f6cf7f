import { sayPerson, sayRequests } from "../../../src/commands/say/people.ts";
import { says } from "../../support/says.ts";

const who = { account: "nils@example.com", name: "Nils" };

describe("commands/say/people", () => {
  says(sayPerson, [
    [
      { type: "added", who, group: undefined, isAwaited: true },
      "Nils (nils@example.com) is one of your contacts now. She has not added you so far.",
    ],
    [
      { type: "added", who, group: "Work", isAwaited: false },
      "Nils (nils@example.com) is one of your contacts now in the group Work.",
    ],
    [{ type: "accepted", who }, "Nils (nils@example.com) is one of your contacts now."],
    [
      { type: "removed", who: { ...who, name: undefined } },
      "nils@example.com is not one of your contacts any more, but may still write to you. Say block to stop that.",
    ],
    [
      { type: "blocked", who },
      "Nils (nils@example.com) is blocked, and can neither see you nor write to you. Say unblock to change that.",
    ],
    [{ type: "allowed", who }, "Nils (nils@example.com) may see you and write to you."],
    [{ type: "declined", who }, "Nils (nils@example.com) is declined."],
    [{ type: "already-contact", who }, "Nils (nils@example.com) is one of your contacts already."],
    [{ type: "already-blocked", who }, "Nils (nils@example.com) is blocked already."],
    [{ type: "already-allowed", who }, "Nils (nils@example.com) is allowed already."],
    [{ type: "already-declined", who }, "Nils (nils@example.com) is declined already."],
    [{ type: "no-contact", who }, "Nils (nils@example.com) is not one of your contacts."],
    [{ type: "not-blocked", who }, "Nils (nils@example.com) is not blocked."],
    [{ type: "is-contact", who }, "Nils (nils@example.com) is one of your contacts. Say block or remove."],
    [
      { type: "no-request", who },
      "nils@example.com has not added you. Say add nils@example.com to make the first step.",
    ],
    [
      { type: "not-signed-in", passport: "a@b.c", network: "One" },
      "a@b.c is not signed in to One right now. Say status to see why.",
    ],
  ]);
  const login = { passport: "a@b.c", network: "One" };
  says(
    (waiting: Parameters<typeof sayRequests>[1]) => sayRequests(login, waiting),
    [
      [undefined, ["a@b.c on One: not signed in, so nothing is known. Say status."]],
      [[], ["a@b.c on One: nobody waits"]],
      [[who], ["a@b.c on One: 1 waits for you", "Nils (nils@example.com)"]],
    ],
  );
});
