import { expect } from "chai";
import type { ContactInfo, ContactsInfo } from "../../../src/bridge/actions/contacts.ts";
import { sayContacts } from "../../../src/commands/say/contacts.ts";

function contact(more: Partial<ContactInfo>): ContactInfo {
  const account = "nils@example.com";
  const seen = { status: "BSY", isBlocked: false, isHiddenFrom: false, hasAddedUs: true, roomId: null } as const;
  return { account, name: "Nils", ...seen, ...more };
}

const NILS = contact({});
const OLGA = contact({
  account: "olga@example.com",
  name: "Olga",
  status: "FLN",
  isBlocked: true,
  hasAddedUs: false,
});
const LIST: ContactsInfo = {
  type: "contacts",
  count: 2,
  groups: [{ name: "Friends", contacts: [NILS] }],
  ungrouped: [OLGA],
  others: { waiting: ["w@b.c"], allowed: [], blocked: ["x@b.c", "y@b.c"] },
};

describe("commands/say/contacts", () => {
  const say = (list: Parameters<typeof sayContacts>[1], filter = ""): string[] => sayContacts("me", list, filter);

  it("lists contacts under their groups, and who else is on a list", () => {
    expect(say(LIST)).to.deep.equal([
      "me: 2 contacts",
      "Friends:",
      "Nils (nils@example.com): busy",
      "Other contacts:",
      "Olga (olga@example.com): offline, blocked, has not added you",
      "Wait for your answer: w@b.c",
      "Blocked, but no contacts: x@b.c, y@b.c",
    ]);
    expect(say({ ...LIST, groups: [], ungrouped: [contact({ isHiddenFrom: true })], count: 1 })).to.include(
      "Nils (nils@example.com): busy, may not see you",
    );
  });

  it("filters by name, address, state and group, and counts each contact once", () => {
    const twice: ContactsInfo = { ...LIST, groups: [...LIST.groups, { name: "Work", contacts: [NILS] }] };
    expect(say(twice, "nils")[0]).to.equal("me: 1 of 2 contacts");
    expect(say(LIST, "friends")).to.deep.equal(["me: 1 of 2 contacts", "Friends:", "Nils (nils@example.com): busy"]);
    expect(say(LIST, "blocked")[0]).to.equal("me: 1 of 2 contacts");
    expect(say(LIST, "nobody")).to.deep.equal(["me: 0 of 2 contacts"]);
  });

  it("links to chats, and names only so many accounts in a line", () => {
    expect(say({ ...LIST, ungrouped: [contact({ roomId: "!a:b" })] }).join("\n")).to.include("!a");
    const waiting = Array.from({ length: 250 }, (_, index) => `p${index}@b.c`);
    const lines = say({ ...LIST, others: { ...LIST.others, waiting } });
    expect(lines.filter((line) => line.startsWith("Wait for your answer: "))).to.have.length(3);
  });

  it("says that nothing is known without a session", () =>
    expect(say({ type: "not-signed-in", passport: "a@b.c", network: "One" })).to.deep.equal([
      "me: not signed in, so the contacts are not known. Say status.",
    ]));
});
