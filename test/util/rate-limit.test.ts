import { expect } from "chai";
import * as fc from "fast-check";
import { RateLimit } from "../../src/util/rate-limit.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("util/rate-limit", () => {
  it("lets a burst through at once and paces the rest, in order", async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const rate = new RateLimit(clock, { burst: 5, everyMs: 7600 });
    const turns: Array<[index: number, afterMs: number]> = [];
    for (let index = 0; index < 8; index += 1) {
      void rate.turn(60_000).then(() => turns.push([index, clock.now() - start]));
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
    const rate = new RateLimit(clock, { burst: 1, everyMs: 1000 });
    rate.take();
    const stopping = new AbortController();
    const turns = [1, 2, 3].map(() => rate.turn(60_000, stopping.signal));
    expect(clock.waiting).to.equal(3);
    stopping.abort();
    await Promise.all(turns);
    expect(clock.waiting).to.equal(0);
  });

  it("fills up again while it rests, but not beyond the burst", async () => {
    const clock = new FakeClock();
    const rate = new RateLimit(clock, { burst: 2, everyMs: 1000 });
    for (let index = 0; index < 2; index += 1) expect(rate.take()).to.equal(true);
    expect(rate.take()).to.equal(false);
    await clock.advance(60_000);
    for (let index = 0; index < 2; index += 1) expect(rate.take()).to.equal(true);
    expect(rate.take()).to.equal(false);
  });

  it("lets no more happen in any stretch of time than the burst and what the stretch brings, and no fewer in the long run", () => {
    const rates = fc.record({
      isStrict: fc.boolean(),
      burst: fc.integer({ min: 1, max: 20 }),
      everyMs: fc.double({ min: 1, max: 5000, noNaN: true }),
    });
    const rests = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 100 });
    fc.assert(
      fc.property(rates, rests, (rule, pauses) => {
        const { burst, everyMs, isStrict } = rule;
        let now = 1_000_000;
        const rate = new RateLimit({ now: () => now, after: () => ({ cancel: () => undefined }) }, rule);
        const times: number[] = [];
        for (const pause of pauses) {
          now += pause;
          now += rate.wait();
          expect(rate.take()).to.equal(true);
          times.push(now);
          for (const [index, from] of times.entries()) {
            const most = isStrict
              ? burst * (1 + Math.floor((now - from + 0.01) / (burst * everyMs)))
              : burst + (now - from) / everyMs;
            expect(times.length - index).to.be.at.most(most + 0.01);
          }
        }
        while (rate.take()) expect(now).to.be.greaterThan(0);
        now += Math.ceil(isStrict ? burst * everyMs : everyMs);
        expect(rate.take()).to.equal(true);
      }),
    );
  });

  it("tells those who cannot wait at once, and takes nothing from the others", async () => {
    const clock = new FakeClock();
    const rate = new RateLimit(clock, { burst: 1, everyMs: 1000 });
    expect(rate.take()).to.equal(true);
    expect(await rate.turn(999)).to.equal(false);
    const turn = rate.turn(1000);
    await clock.advance(1000);
    expect(await turn).to.equal(true);
  });
});
