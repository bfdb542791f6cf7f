import { expect } from "chai";
import { groupSet, listSet } from "../../../src/msn/contacts/shared-sets.ts";

describe("msn/contacts/shared-sets", () => {
  it("are one and the same for all who are on the same lists", () => {
    expect(listSet(["RL", "FL"])).to.equal(listSet(["FL", "RL", "FL"]));
    expect(listSet(["RL", "FL"])).to.deep.equal(new Set(["FL", "RL"]));
    expect([...listSet([])]).to.deep.equal([]);
    expect([...listSet(["FL", "AL", "BL", "RL"])]).to.deep.equal(["FL", "AL", "BL", "RL"]);
  });

  it("are one and the same for all who are in the same groups", () => {
    expect(groupSet(["1", "2"])).to.equal(groupSet(["1", "2"]));
    expect(groupSet(["1", "2"])).to.deep.equal(new Set(["2", "1"]));
    expect(groupSet([])).to.deep.equal(new Set());
  });

  it("hold what they should also where a server names groups without end, of which not all are kept", () => {
    const first = groupSet(["first"]);
    for (let id = 0; id < 2000; id += 1) expect([...groupSet([`g${id}`])]).to.deep.equal([`g${id}`]);
    expect(groupSet(["first"]) === first).to.equal(false);
  });
});
