import { expect } from "chai";
import * as fc from "fast-check";
import { Pace } from "../../src/util/pace.ts";

describe("util/pace", () => {
  it("never lets more happen in any second than it may, and no fewer where there is always something to do", () => {
    const rates = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0.1, max: 20, noNaN: true }));
    fc.assert(
      fc.property(rates, fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 100 }), (perSecond, rests) => {
        const pace = new Pace(perSecond);
        const most = Math.max(1, Math.floor(perSecond));
        const windowMs = (most * 1000) / perSecond;
        const times: number[] = [];
        let now = 1_000_000;
        for (const rest of rests) {
          now += rest;
          now += pace.wait(now);
          pace.note(now);
          times.push(now);
          const recent = times.filter((time) => time > now - windowMs + 0.001);
          expect(recent.length).to.be.at.most(most);
        }
      }),
    );
  });

  it("lets as many as it may happen at once after a rest, then one after the other", () => {
    const pace = new Pace(5);
    for (let index = 0; index < 5; index += 1) {
      expect(pace.wait(100)).to.equal(0);
      pace.note(100);
    }
    expect(pace.wait(100)).to.equal(1000);
    expect(pace.wait(600)).to.equal(500);
    expect(pace.wait(1100)).to.equal(0);
  });

  it("lets one happen every few seconds where that is all it may, and is not stopped by a clock that goes back", () => {
    const pace = new Pace(0.5);
    pace.note(100_000);
    expect(pace.wait(100_000)).to.equal(2000);
    expect(pace.wait(10)).to.equal(2000);
  });
});
