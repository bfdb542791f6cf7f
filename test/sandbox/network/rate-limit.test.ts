import { expect } from "chai";

import { RateLimit } from "../../../src/sandbox/network/rate-limit.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("sandbox rate limit", () => {
  it("allows a burst, then one for each stretch of time, and the burst again after a rest", async () => {
    const clock = new FakeClock();
    const limit = new RateLimit(clock, { burst: 3, everyMs: 100 });
    const count = (): number => Array.from({ length: 10 }, () => limit.allows()).filter(Boolean).length;
    expect(count()).to.equal(3);
    await clock.advance(99);
    expect(count()).to.equal(0);
    await clock.advance(1);
    expect(count()).to.equal(1);
    await clock.advance(1000);
    expect(count()).to.equal(3);
  });

  it("allows everything where there is no limit", () => {
    const limit = new RateLimit(new FakeClock(), undefined);
    for (let time = 0; time < 100; time += 1) expect(limit.allows()).to.equal(true);
  });
});
