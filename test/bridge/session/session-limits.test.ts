import { expect } from "chai";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { testNetwork } from "../../support/scopes.ts";

describe("bridge/session/session-limits", () => {
  it("pace all accounts of a network together, and each network by itself", () => {
    const limits = new SessionLimits(new FakeClock());
    const [one, two] = ["one", "two"].map((id) => testNetwork({ id, throttles: true }));
    const taken = (network = testNetwork()): number =>
      Array.from({ length: 100 }, () => limits.paceOf(network).signIns.take()).filter(Boolean).length;
    expect([taken(one), taken(one), taken(two)]).to.deep.equal([10, 0, 10]);
    // One that refuses nobody is not waited for, but not flooded either.
    expect(taken(testNetwork({ id: "free" }))).to.equal(50);
  });

  it("pace conversations only where the network refuses those who open them too quickly", () => {
    const limits = new SessionLimits(new FakeClock());
    expect(limits.paceOf(testNetwork({ id: "free" })).switchboards).to.equal(undefined);
    const { switchboards } = limits.paceOf(testNetwork({ id: "strict", throttles: true }));
    const taken = Array.from({ length: 10 }, () => switchboards?.take()).filter((isTaken) => isTaken === true);
    expect(taken).to.have.length(5);
  });
});
