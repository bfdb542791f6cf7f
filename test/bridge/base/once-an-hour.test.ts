import { expect } from "chai";
import { OnceAnHour } from "../../../src/bridge/base/once-an-hour.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const HOUR_MS = 60 * 60_000;

describe("bridge/base/once-an-hour", () => {
  let told: string[];
  let clock: FakeClock;
  beforeEach(() => void ([told, clock] = [[], new FakeClock()]));

  const tell = (once: OnceAnHour, what: string): boolean => once.tell(what, () => void told.push(what));

  it("tells the same again after an hour, and other things at once", async () => {
    const once = new OnceAnHour(clock, 10);
    for (const what of ["a", "a", "b"]) expect(tell(once, what)).to.equal(true);
    await clock.advance(HOUR_MS - 1);
    expect(tell(once, "a")).to.equal(true);
    expect(told).to.deep.equal(["a", "b"]);
    await clock.advance(1);
    tell(once, "a");
    expect(told).to.deep.equal(["a", "b", "a"]);
  });

  it("tells only so many things in an hour, and says so", async () => {
    const once = new OnceAnHour(clock, 2);
    expect(["a", "b", "c", "a"].map((what) => tell(once, what))).to.deep.equal([true, true, false, true]);
    await clock.advance(HOUR_MS);
    expect(tell(once, "c")).to.equal(true);
    expect(told).to.deep.equal(["a", "b", "c"]);
  });

  it("does not count what could not be told", () => {
    const once = new OnceAnHour(clock, 10);
    const full = (): void => {
      throw new Error("the disk is full");
    };
    expect(() => once.tell("a", full)).to.throw("full");
    tell(once, "a");
    expect(told).to.deep.equal(["a"]);
  });
});
