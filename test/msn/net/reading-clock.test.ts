import { expect } from "chai";
import { ReadingClock } from "../../../src/msn/net/reading-clock.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const MIB = 1024 * 1024;

describe("msn/net/reading-clock", () => {
  let system: FakeClock;
  let progress: { isBehind: boolean; bytes: number };
  let clock: ReadingClock;
  let rung: number;
  const ring = (): void => void (rung += 1);
  beforeEach(() => {
    system = new FakeClock();
    progress = { isBehind: false, bytes: 0 };
    clock = new ReadingClock(system, progress);
    rung = 0;
  });

  it("runs a timer once, in time, and not once it is cancelled", async () => {
    clock.after(1000, ring);
    clock.after(1000, () => (rung += 100)).cancel();
    await system.advance(999);
    expect(rung).to.equal(0);
    await system.advance(1);
    expect(rung).to.equal(1);
    await system.advance(10_000);
    expect([rung, system.waiting]).to.deep.equal([1, 0]);
  });

  it("stands still while nothing is read", async () => {
    const start = clock.now();
    clock.after(1000, ring);
    await system.advance(400);
    clock.hold();
    clock.hold();
    expect(system.waiting).to.equal(0);
    await system.advance(100_000);
    expect(clock.now() - start).to.equal(400);
    clock.after(2000, ring);
    clock.goOn();
    clock.goOn();
    await system.advance(599);
    expect([rung, clock.now() - start]).to.deep.equal([0, 999]);
    await system.advance(1);
    expect(rung).to.equal(1);
    await system.advance(1400);
    expect(rung).to.equal(2);
  });

  it("cancels what stands still", async () => {
    clock.hold();
    const timer = clock.after(1000, ring);
    timer.cancel();
    clock.goOn();
    await system.advance(5000);
    expect(rung).to.equal(0);
  });

  it("reads what has come before a time is up for good", async () => {
    progress.isBehind = true;
    clock.after(1000, ring);
    await system.advance(5000);
    expect(rung).to.equal(0);
    progress.isBehind = false;
    await system.advance(0);
    expect(rung).to.equal(1);
  });

  it("stands still also when the time is up and nothing more is read", async () => {
    progress.isBehind = true;
    clock.after(1000, ring);
    await system.advance(1000);
    clock.hold();
    progress.isBehind = false;
    await system.advance(5000);
    expect(rung).to.equal(0);
    clock.goOn();
    await system.advance(0);
    expect(rung).to.equal(1);
  });

  it("ends for a peer who never stops, once more has come than any buffers hold", async () => {
    progress.isBehind = true;
    clock.after(1000, ring);
    for (let turn = 0; turn < 15; turn += 1) {
      await system.advance(1000);
      progress.bytes += MIB;
    }
    expect(rung).to.equal(0);
    progress.bytes += 2 * MIB;
    await system.advance(0);
    expect(rung).to.equal(1);
  });

  it("waits once more for as long as the loop was held up, at most for the whole time", async () => {
    clock.after(1000, ring);
    system.holdUp(3_600_000);
    await system.advance(0);
    expect(rung).to.equal(0);
    await system.advance(999);
    expect(rung).to.equal(0);
    await system.advance(1);
    expect(rung).to.equal(1);
  });
});
