import { expect } from "chai";
import * as fc from "fast-check";
import {
  accountKey,
  EMPTY_ROSTER,
  foldRoster,
  withoutPresence,
  type ListName,
  type Roster,
  type RosterChange,
} from "../../src/msn/roster.ts";

const LISTED: RosterChange = {
  type: "contact",
  account: "Nils@Example.com",
  name: "Nils",
  lists: new Set<ListName>(["FL", "AL"]),
  groups: new Set(["1"]),
};
const ONLINE: RosterChange = {
  type: "presence",
  account: "nils@example.com",
  status: "BSY",
  name: "Nils!",
  capabilities: 7,
};

function fold(...changes: RosterChange[]): Roster {
  return changes.reduce(foldRoster, EMPTY_ROSTER);
}

function nilsIn(roster: Roster): unknown {
  return roster.contacts.get("nils@example.com");
}

describe("msn/roster", () => {
  it("takes an account in any letter case for the same, and keeps the spelling of the lists", () => {
    const roster = fold(LISTED, ONLINE);
    expect(accountKey("Nils@EXAMPLE.com")).to.equal("nils@example.com");
    expect([...roster.contacts.keys()]).to.deep.equal(["nils@example.com"]);
    expect(nilsIn(roster)).to.deep.include({ account: "Nils@Example.com" });
  });

  const nils = { account: "Nils@Example.com", name: "Nils", lists: new Set(["FL", "AL"]), groups: new Set(["1"]) };
  const CASES: Array<[what: string, changes: RosterChange[], contact: object]> = [
    ["is offline as long as nobody said otherwise", [LISTED], { ...nils, status: "FLN", capabilities: 0 }],
    [
      "goes by the name and status she shows",
      [LISTED, ONLINE],
      { ...nils, name: "Nils!", status: "BSY", capabilities: 7 },
    ],
    [
      "keeps her name when a status comes without one",
      [LISTED, { ...ONLINE, name: "" }],
      { name: "Nils", status: "BSY" },
    ],
    [
      "keeps her name when she goes",
      [LISTED, ONLINE, { type: "offline", account: "NILS@example.com" }],
      { name: "Nils!", status: "FLN" },
    ],
    ["keeps her status when her lists change", [ONLINE, LISTED], { ...nils, status: "BSY", capabilities: 7 }],
    [
      "is known without being on a list",
      [ONLINE],
      { account: "nils@example.com", name: "Nils!", lists: new Set(), groups: new Set() },
    ],
    ["is known by her account when nobody said a name", [{ ...ONLINE, name: "" }], { name: "nils@example.com" }],
  ];
  for (const [what, changes, contact] of CASES) {
    it(`a contact ${what}`, () => expect(nilsIn(fold(...changes))).to.deep.include(contact));
  }

  it("keeps groups, the last name of each", () => {
    const roster = fold(
      { type: "group", id: "1", name: "Work" },
      { type: "group", id: "2", name: "Family" },
      {
        type: "group",
        id: "1",
        name: "Play",
      },
    );
    expect([...roster.groups]).to.deep.equal([
      ["1", "Play"],
      ["2", "Family"],
    ]);
  });

  it("knows of nobody's presence without a session, and of all the rest", () => {
    const roster = fold({ type: "group", id: "1", name: "Work" }, LISTED, ONLINE);
    const without = withoutPresence(roster);
    expect(nilsIn(without)).to.deep.include({ name: "Nils!", status: "FLN", groups: new Set(["1"]) });
    expect(without.groups).to.equal(roster.groups);
    expect(nilsIn(roster)).to.deep.include({ status: "BSY" });
  });

  it("never changes a roster that was handed out", () => {
    const account = fc.constantFrom("a@x", "A@X", "b@x");
    const change: fc.Arbitrary<RosterChange> = fc.oneof(
      fc.record({ type: fc.constant("offline" as const), account }),
      fc.record({ type: fc.constant("group" as const), id: fc.constantFrom("0", "1"), name: fc.string() }),
      fc.record({
        type: fc.constant("presence" as const),
        account,
        status: fc.constantFrom("NLN" as const, "AWY" as const),
        name: fc.string(),
        capabilities: fc.nat(),
      }),
    );
    fc.assert(
      fc.property(fc.array(change), change, (before, last) => {
        const roster = fold(...before);
        const copy = structuredClone(roster);
        foldRoster(roster, last);
        withoutPresence(roster);
        expect(roster).to.deep.equal(copy);
      }),
    );
  });
});
