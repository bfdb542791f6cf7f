import { expect } from "chai";
import { MsnError } from "../../../src/msn/base/errors.ts";
import { EMPTY_ROSTER, applyChange, type Roster } from "../../../src/msn/contacts/roster.ts";
import type { ListName, RosterChange } from "../../../src/msn/dialect/roster-change.ts";
import { bounded, MAX_CONTACTS, MAX_GROUPS } from "../../../src/msn/contacts/roster-limits.ts";
import { MAX_KEY, MAX_NAME } from "../../../src/msn/base/clamp.ts";

const LISTS = new Set<ListName>(["FL"]);
const NILS = "nils@example.com";

function contact(account: string, groups: Iterable<string> = []): RosterChange {
  return { type: "contact", account, name: account, lists: LISTS, groups: new Set(groups) };
}

function presence(account: string, name = "Nils"): RosterChange {
  return { type: "presence", account, name, status: "NLN", capabilities: 0 };
}

function listed(account: string, group: string | undefined, name = "Nils"): RosterChange {
  return { type: "listed", list: "FL", account, name, group };
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, at) => String(at + 1));
}

/** A roster that is as full as it may be. */
function full(): Roster {
  const stranger = applyChange(EMPTY_ROSTER, contact(NILS, numbers(MAX_GROUPS))).contacts.get(NILS);
  if (stranger === undefined) throw new Error("nobody is there");
  const others = numbers(MAX_CONTACTS - 1).map((account) => [account, stranger] as const);
  const groups = new Map(numbers(MAX_GROUPS).map((id) => [id, "Friends"]));
  return { ...EMPTY_ROSTER, contacts: new Map([[NILS, stranger], ...others]), groups };
}

const TOO_MUCH: Array<[what: string, change: RosterChange]> = [
  ["another contact of the lists", contact("olga@example.com")],
  ["a stranger who comes", presence("olga@example.com")],
  ["a stranger who goes", { type: "offline", account: "olga@example.com" }],
  ["a stranger's telephone number", { type: "phone", account: "olga@example.com", phone: "PHH", value: "1" }],
  ["somebody else on a list", listed("olga@example.com", undefined)],
  ["another group", { type: "group", id: "new", name: "New" }],
  ["a contact in another group", listed(NILS, "new")],
  ["a contact in too many groups at once", contact(NILS, numbers(MAX_GROUPS + 1))],
  ["an account that is too long", presence("x".repeat(MAX_KEY + 1))],
  ["a group's id that is too long", { type: "group", id: "x".repeat(MAX_KEY + 1), name: "New" }],
];

const GOOD: RosterChange[] = [
  contact(NILS, numbers(MAX_GROUPS)),
  presence(NILS),
  listed(NILS, "1"),
  { type: "group", id: "1", name: "Work" },
  { type: "phone", account: NILS, phone: "PHH", value: "1" },
  { type: "unlisted", list: "FL", account: NILS, group: undefined },
  { type: "group-removed", id: "1" },
];

describe("msn/contacts/roster-limits", () => {
  const roster = full();
  for (const [what, change] of TOO_MUCH) {
    it(`refuses ${what} when all is full`, () => {
      expect(() => applyChange(roster, change))
        .to.throw(MsnError)
        .with.property("code", "protocol");
    });
  }

  for (const change of GOOD) {
    it(`still takes a change of what is there: ${change.type}`, () => {
      expect(applyChange(roster, change).contacts.size).to.be.oneOf([MAX_CONTACTS, MAX_CONTACTS - 1]);
    });
  }

  // Each with the text in its only place, before and after.
  const TEXTS: Array<(text: string) => RosterChange> = [
    (name) => ({ type: "contact", account: NILS, name, lists: LISTS, groups: new Set(["1"]) }),
    (name) => presence(NILS, name),
    (name) => listed(NILS, "1", name),
    (name) => ({ type: "group", id: "1", name }),
    (value) => ({ type: "phone", account: NILS, phone: "PHH", value }),
    (value) => ({ type: "own-phone", phone: "PHH", value }),
  ];
  for (const change of TEXTS) {
    it(`cuts the text of a change, and nothing else: ${change("").type}`, () => {
      expect(bounded(change("x".repeat(8000)))).to.deep.equal(change("x".repeat(MAX_NAME)));
    });
  }

  it("leaves what is of usual size as it is, and half a character as a whole one", () => {
    for (const change of GOOD) expect(bounded(change)).to.deep.equal(change);
    const cut = bounded(presence(NILS, `${"x".repeat(MAX_NAME - 1)}😀`));
    expect(cut).to.have.property("name", `${"x".repeat(MAX_NAME - 1)}\u{fffd}`);
  });
});
