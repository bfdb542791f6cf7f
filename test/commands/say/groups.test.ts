import { expect } from "chai";
import { askToRemove, sayGroup, sayGroups } from "../../../src/commands/say/groups.ts";
import { says } from "../../support/says.ts";

describe("commands/say/groups", () => {
  says(sayGroup, [
    [
      { type: "group-added", name: "Work" },
      "You have a group Work now. Say group move <e-mail> Work to put somebody into it.",
    ],
    [{ type: "group-renamed", from: "Work", to: "Play" }, "The group Work is called Play now."],
    [{ type: "group-removed", name: "Work" }, "The group Work is removed."],
    [{ type: "moved", who: { account: "a@b.c", name: "Ada" }, group: "Work" }, "Ada (a@b.c) is in the group Work now."],
    [{ type: "group-nameless" }, "A group needs a name."],
    [{ type: "no-contact", account: "a@b.c" }, "a@b.c is not one of your contacts. Say add first."],
    [{ type: "already-in-group", group: "Work" }, "She is in the group Work already."],
    [
      { type: "no-group", name: "Work", known: [] },
      "You have no group Work. You have none yet. Say group add <name> to make one.",
    ],
    [
      { type: "not-signed-in", passport: "a@b.c", network: "One" },
      "a@b.c is not signed in to One right now. Say status to see why.",
    ],
  ]);
  says(sayGroups, [
    [[], ["You have no groups. Say group add <name> to make one."]],
    [
      [
        { id: "1", name: "Play", count: 0 },
        { id: "2", name: "Work", count: 1 },
      ],
      ["Play: 0 contacts", "Work: 1 contact"],
    ],
  ]);

  it("asks before contacts may go with a group, and names ten of them", () => {
    const members = Array.from({ length: 11 }, (_, index) => `p${index}@b.c`);
    expect(askToRemove("Work", members)).to.match(/^p0@b\.c, .*p9@b\.c and others: in no other group than Work, /u);
    expect(askToRemove("Work", ["a@b.c"])).to.match(/^a@b\.c: in no other group/u);
  });
});
