import { expect } from "chai";
import * as fc from "fast-check";
import { msnp8 } from "../../../src/msn/dialect/msnp8.ts";
import { EMPTY_ROSTER, applyChange, withoutPresence, type Roster } from "../../../src/msn/contacts/roster.ts";
import type { ListName, RosterChange } from "../../../src/msn/dialect/roster-change.ts";
import { accountKey } from "../../../src/msn/base/account.ts";
import { countSteps } from "../../support/step-counter.ts";

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
  return changes.reduce(applyChange, EMPTY_ROSTER);
}

function nilsIn(roster: Roster): unknown {
  return roster.contacts.get("nils@example.com");
}

describe("msn/contacts/roster", () => {
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
        const copy = structuredClone({ ...roster, contacts: new Map(roster.contacts), groups: new Map(roster.groups) });
        applyChange(roster, last);
        withoutPresence(roster);
        expect(roster).to.deep.equal(copy);
      }),
    );
  });
});

describe("msn/contacts/roster: what servers answer about groups", () => {
  const added: RosterChange = { type: "group", id: "3", name: "Best Friends" };
  for (const line of [
    "ADG 12 7 Best%20Friends 3 0",
    "ADG 12 7 Best%20Friends 3",
    "ADG 12 Best%20Friends 3 0",
    "ADG 12 Best%20Friends 3",
    "REG 13 8 3 Best%20Friends 0",
    "REG 13 8 3 Best%20Friends",
    "REG 13 3 Best%20Friends 0",
    "REG 13 3 Best%20Friends",
  ])
    it(`is read with and without a version: ${line}`, () => expect(readLine(line)).to.deep.equal(added));

  for (const line of ["RMG 14 9 3", "RMG 14 3"])
    it(`is read with and without a version: ${line}`, () =>
      expect(readLine(line)).to.deep.equal({ type: "group-removed", id: "3" }));

  it("is read where names are numbers", () => {
    expect(readLine("ADG 12 7 2003 3 0")).to.deep.equal({ ...added, name: "2003" });
    expect(readLine("ADG 12 2003 3 0")).to.deep.equal({ ...added, name: "2003" });
    expect(readLine("REG 13 3 2003 0")).to.deep.equal({ ...added, name: "2003" });
    expect(readLine("REG 13 8 3 0 0")).to.deep.equal({ ...added, name: "0" });
  });
});

const SIZES = [100, 1000, 10_000];

function readLine(line: string): RosterChange {
  const [name = "", ...args] = line.split(" ");
  const said = msnp8.read({ name, args }, { accountOf: () => undefined });
  if (said.type !== "roster") throw new Error(`says nothing of contacts: ${line}`);
  return said.change;
}

function rosterOf(count: number): Roster {
  let roster = applyChange(EMPTY_ROSTER, readLine("LSG 1 Friends 0"));
  for (let at = 0; at < count; at += 1) roster = applyChange(roster, readLine(`LST c${at}@example.com C${at} 11 1`));
  return roster;
}

// At each of the ends of the list and in its middle, and for somebody who is not on it.
const LINES = (count: number): string[] =>
  [0, Math.floor(count / 2), count - 1, count].flatMap((at) => {
    const account = `c${at}@example.com`;
    return [
      `LST ${account} Name 13 1`,
      `BPR 9 ${account} PHH 555`,
      `ADD 0 RL 9 ${account} Name`,
      `ADD 0 FL 9 ${account} Name 1`,
      `REM 0 AL 9 ${account}`,
      `REM 0 FL 9 ${account} 1`,
      `REM 0 FL 9 ${account}`,
      `NLN AWY ${account} Name 0`,
      `ILN 1 NLN ${account} Name 0`,
      `FLN ${account}`,
      "BPR MOB Y",
      "PRP PHH 555",
      "LSG 2 Family 0",
      "BLP AL",
      "GTC A",
    ];
  });

describe("msn/contacts/roster: what a line costs", () => {
  const rosters = new Map<number, Roster>();
  before(() => {
    for (const size of SIZES.map((count) => count - 1)) rosters.set(size, rosterOf(size));
  });

  for (const [size, most] of SIZES.map((count) => [count - 1, 150] as const)) {
    it(`does not depend on how many contacts there are: ${size}`, () => {
      const roster = rosters.get(size) ?? EMPTY_ROSTER;
      expect(roster.contacts.size).to.equal(size);
      const costs = LINES(size).map((line) => [line, countSteps(() => applyChange(roster, readLine(line)))] as const);
      expect(costs.filter(([, steps]) => steps > most)).to.deep.equal([]);
    });
  }
});
