import { expect } from "chai";
import { Progress } from "../../../src/bridge/files/progress.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("bridge/files/progress", () => {
  it("tells nothing of what is short, then every ten seconds how far it is and how fast", async () => {
    const clock = new FakeClock();
    const said: string[] = [];
    const transfer = { bytes: 0 };
    const notice = { say: (text: string) => said.push(text) };
    const progress = new Progress(clock, notice, transfer, { waiting: "soon", doing: "Getting it", size: 1000 });
    await clock.advance(9999);
    expect(said).to.deep.equal([]);
    await clock.advance(1);
    transfer.bytes = 250;
    await clock.advance(10_000);
    transfer.bytes = 1000;
    await clock.advance(10_000);
    expect(said.map((text) => text.replace(/ React.*/u, ""))).to.deep.equal([
      "soon",
      "Getting it: 25 % of 1.0 kB, 25 bytes per second.",
      "Getting it: 100 % of 1.0 kB, 75 bytes per second.",
    ]);
    expect(progress.tookMs).to.equal(30_000);
    progress.stop();
    await clock.advance(60_000);
    expect(said).to.have.length(3);
    expect(clock.waiting).to.equal(0);
  });
});
