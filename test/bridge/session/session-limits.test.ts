import { expect } from "chai";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import { nextTurn } from "../../../src/util/next-turn.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { testNetwork } from "../../support/scopes.ts";

describe("bridge/session/session-limits", () => {
  it("pace all accounts of a network together, and each network by itself", async () => {
    const limits = new SessionLimits(new FakeClock());
    const [one, two] = ["one", "two"].map((id) => testNetwork({ id, throttles: true }));
    const stopping = new AbortController();
    const taken = async (network = testNetwork()): Promise<number> => {
      let count = 0;
      for (let index = 0; index < 100; index += 1)
        void limits
          .paceOf(network)
          .signIns.turn("kept", `@${index}:x`, stopping.signal)
          .then(() => (count += 1));
      await nextTurn();
      return count;
    };
    expect([await taken(one), await taken(one), await taken(two)]).to.deep.equal([10, 0, 10]);
    // One that refuses nobody is not waited for, but not flooded either.
    expect(await taken(testNetwork({ id: "free" }))).to.equal(50);
    stopping.abort();
  });

  it("pace conversations only where the network refuses those who open them too quickly", () => {
    const limits = new SessionLimits(new FakeClock());
    expect(limits.paceOf(testNetwork({ id: "free" })).switchboards).to.equal(undefined);
    const { switchboards } = limits.paceOf(testNetwork({ id: "strict", throttles: true }));
    const taken = Array.from({ length: 10 }, () => switchboards?.take()).filter((isTaken) => isTaken === true);
    expect(taken).to.have.length(5);
  });
});
