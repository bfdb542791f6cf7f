import { expect } from "chai";
import { RosterKeeper } from "../../../src/msn/contacts/roster-keeper.ts";
import type { ListName } from "../../../src/msn/dialect/roster-change.ts";

describe("msn/contacts/roster-keeper: whom the account knows", () => {
  function setUp(): { roster: RosterKeeper; list: (account: string, ...lists: ListName[]) => void } {
    const roster = new RosterKeeper({ report: () => undefined });
    const list = (account: string, ...lists: ListName[]): void =>
      roster.apply({ type: "contact", account, name: account, lists: new Set(lists), groups: new Set() });
    return { roster, list };
  }

  it("those on its list and those it has allowed, in any case; nobody else", () => {
    const { roster, list } = setUp();
    roster.begin();
    list("Nils@example.com", "FL");
    list("olga@example.com", "AL", "RL");
    list("pete@example.com", "RL");
    list("eve@example.com", "BL");
    roster.complete();
    const known = ["nils@EXAMPLE.com", "olga@example.com", "pete@example.com", "eve@example.com", "x@example.com"];
    expect(known.map((account) => roster.knows(account))).to.deep.equal([true, true, false, false, false]);
  });

  it("also while the lists come in once more, as often as that is tried", () => {
    const { roster, list } = setUp();
    roster.begin();
    list("nils@example.com", "FL");
    list("olga@example.com", "FL");
    roster.complete();
    for (let times = 0; times < 2; times += 1) {
      roster.end();
      roster.begin();
      expect(roster.knows("nils@example.com")).to.equal(true);
    }
    list("olga@example.com", "FL");
    roster.complete();
    expect([roster.knows("nils@example.com"), roster.knows("olga@example.com")]).to.deep.equal([false, true]);
  });
});
