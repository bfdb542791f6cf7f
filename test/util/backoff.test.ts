import { expect } from "chai";
import * as fc from "fast-check";
import { Backoff } from "../../src/util/backoff.ts";

function delays(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.next());
}

describe("util/backoff", () => {
  it("doubles up to the limit, and starts again after a reset", () => {
    const longest = new Backoff({ first: 1000, most: 6000, random: () => 1 - Number.EPSILON });
    expect(delays(longest, 5)).to.deep.equal([1000, 2000, 4000, 6000, 6000]);
    longest.reset();
    expect(delays(longest, 2)).to.deep.equal([1000, 2000]);
    const shortest = new Backoff({ first: 1000, most: 6000, random: () => 0 });
    expect(delays(shortest, 5)).to.deep.equal([500, 1000, 2000, 3000, 3000]);
  });

  it("draws every delay between half and the whole, however often it is asked", () => {
    const options = fc.record({ first: fc.integer({ min: 1, max: 10_000 }), most: fc.integer({ min: 1, max: 1e6 }) });
    fc.assert(
      fc.property(options, fc.integer({ min: 0, max: 2000 }), ({ first, most }, before) => {
        const backoff = new Backoff({ first, most });
        delays(backoff, before);
        const whole = Math.min(most, first * 2 ** before);
        expect(backoff.next()).to.be.within(Math.floor(whole / 2), Math.ceil(whole));
      }),
    );
  });
});
