import { expect } from "chai";
import * as fc from "fast-check";
import { Calendar } from "../../src/util/calendar.ts";
import { FakeClock } from "../support/fake-clock.ts";

const [MINUTE, DAY] = [60_000, 24 * 60 * 60_000];

describe("util/calendar", () => {
  let clock: FakeClock;
  let calendar: Calendar;
  beforeEach(() => {
    clock = new FakeClock();
    calendar = new Calendar(clock);
  });

  it("says what the machine says, whatever that is", () => {
    expect(calendar.now()).to.deep.equal(clock.date);
    clock.setDate(-DAY);
    expect(calendar.now()).to.deep.equal(clock.date);
  });

  for (const byMs of [DAY, -DAY, 1000, -1000, 400 * DAY]) {
    it(`knows how old a date is after the machine's was set by ${byMs} ms, and after one more setting`, () => {
      const before = calendar.now();
      clock.holdUp(MINUTE);
      clock.setDate(byMs);
      const between = calendar.now();
      clock.holdUp(MINUTE);
      expect([before, between].map((date) => calendar.ageOf(date))).to.deep.equal([2 * MINUTE, MINUTE]);
      clock.setDate(-2 * byMs);
      clock.holdUp(MINUTE);
      expect([before, between].map((date) => calendar.ageOf(date))).to.deep.equal([3 * MINUTE, 2 * MINUTE]);
    });
  }

  it("tells both ends of a span as the machine says now", () => {
    const since = clock.now();
    clock.holdUp(MINUTE);
    clock.setDate(-DAY);
    expect(Number(calendar.now()) - Number(calendar.dateOf(since))).to.equal(MINUTE);
  });

  it("takes a date of an earlier run for what the machine said at the start, and none for younger than now", () => {
    const earlier = new Date(clock.epochMs() - DAY);
    const ahead = new Date(clock.epochMs() + DAY);
    clock.setDate(7 * DAY);
    expect([calendar.ageOf(earlier), calendar.ageOf(ahead)]).to.deep.equal([DAY, 0]);
    expect([earlier, ahead].map((date) => calendar.isAhead(date))).to.deep.equal([false, true]);
  });

  it("knows the age of whatever it wrote within the day, whenever the date is set and however often", () => {
    const steps = fc.array(
      fc.record({ restMs: fc.integer({ min: 0, max: MINUTE }), byMs: fc.integer({ min: -2 * DAY, max: 2 * DAY }) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const time = new FakeClock();
        const dates = new Calendar(time);
        for (const { restMs, byMs } of all) {
          time.setDate(byMs);
          const [date, at] = [dates.now(), time.now()];
          time.holdUp(restMs);
          // What was written last is never mistaken for something older.
          expect(Math.abs(dates.ageOf(date) - (time.now() - at))).to.be.at.most(1000);
        }
      }),
    );
  });

  it("remembers no more settings than it needs, where the date is set all the time", () => {
    const first = calendar.now();
    for (let count = 0; count < 1000; count += 1) {
      clock.setDate(MINUTE);
      calendar.now();
      clock.holdUp(1);
    }
    expect(calendar.ageOf(calendar.now())).to.equal(0);
    expect(calendar.ageOf(first)).to.equal(1000);
  });
});
