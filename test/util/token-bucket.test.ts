import { expect } from "chai";
import { TokenBucket } from "../../src/util/token-bucket.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("util/token-bucket", () => {
  it("lets a burst through at once and paces the rest, in order", async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const bucket = new TokenBucket({ burst: 5, everyMs: 7600, clock });
    const turns: Array<[index: number, afterMs: number]> = [];
    for (let index = 0; index < 8; index += 1) {
      void bucket.take(60_000).then(() => turns.push([index, clock.now() - start]));
    }
    await clock.advance(60_000);
    expect(turns).to.deep.equal([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [5, 7600],
      [6, 15_200],
      [7, 22_800],
    ]);
  });

  it("lets go of those who do not want their turn any more, and leaves no timer behind", async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ burst: 1, everyMs: 1000, clock });
    await bucket.take(0);
    const stopping = new AbortController();
    const turns = [1, 2, 3].map(() => bucket.take(60_000, stopping.signal));
    expect(clock.waiting).to.equal(3);
    stopping.abort();
    await Promise.all(turns);
    expect(clock.waiting).to.equal(0);
  });

  it("fills up again while it rests, but not beyond the burst", async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ burst: 2, everyMs: 1000, clock });
    for (let index = 0; index < 2; index += 1) expect(await bucket.take(0)).to.equal(true);
    expect(await bucket.take(0)).to.equal(false);
    await clock.advance(60_000);
    for (let index = 0; index < 2; index += 1) expect(await bucket.take(0)).to.equal(true);
    expect(await bucket.take(0)).to.equal(false);
  });

  it("goes on at the same pace when the clock is set back", async () => {
    const clock = new FakeClock();
    let setBack = 0;
    const wall = { now: () => clock.now() - setBack, after: (ms: number, run: () => void) => clock.after(ms, run) };
    const bucket = new TokenBucket({ burst: 2, everyMs: 1000, clock: wall });
    for (let index = 0; index < 2; index += 1) expect(await bucket.take(0)).to.equal(true);
    setBack = 3_600_000;
    expect(await bucket.take(999)).to.equal(false);
    const turn = bucket.take(1000);
    await clock.advance(1000);
    expect(await turn).to.equal(true);
    await clock.advance(60_000);
    for (let index = 0; index < 2; index += 1) expect(await bucket.take(0)).to.equal(true);
    expect(await bucket.take(0)).to.equal(false);
  });

  it("tells those who cannot wait at once, and takes nothing from the others", async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ burst: 1, everyMs: 1000, clock });
    expect(await bucket.take(0)).to.equal(true);
    expect(await bucket.take(999)).to.equal(false);
    const turn = bucket.take(1000);
    await clock.advance(1000);
    expect(await turn).to.equal(true);
  });
});
