import { expect } from "chai";
import { RateLimit } from "../../../src/msn/base/rate-limit.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("msn/base/rate-limit", () => {
  it("allows so many in any span of time, and no more", async () => {
    const clock = new FakeClock();
    const rate = new RateLimit({ clock, most: 2, spanMs: 1000 });
    expect([rate.take(), rate.take(), rate.take()]).to.deep.equal([true, true, false]);
    await clock.advance(999);
    expect(rate.take()).to.equal(false);
    await clock.advance(1);
    expect([rate.take(), rate.take(), rate.take()]).to.deep.equal([true, true, false]);
  });

  it("does not hold against anybody what lies in the future of a clock that was set back", () => {
    let now = 1_000_000;
    const clock = { now: () => now, after: () => ({ cancel: () => undefined }) };
    const rate = new RateLimit({ clock, most: 1, spanMs: 1000 });
    expect(rate.take()).to.equal(true);
    now = 0;
    expect([rate.take(), rate.take()]).to.deep.equal([true, false]);
  });
});
