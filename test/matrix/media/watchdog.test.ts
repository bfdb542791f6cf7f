import { expect } from "chai";
import { Watchdog } from "../../../src/matrix/media/watchdog.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("matrix/media/watchdog", () => {
  it("calls when what was expected last is late, unless it rests or has ended", async () => {
    const clock = new FakeClock();
    const watchdog = new Watchdog(clock);
    const late: string[] = [];
    watchdog.expect(10, () => late.push("first"));
    watchdog.expect(20, () => late.push("second"));
    await clock.advance(20);
    watchdog.expect(10, () => late.push("third"));
    watchdog.rest();
    await clock.advance(10);
    watchdog.expect(10, () => late.push("fourth"));
    await clock.advance(10);
    watchdog.end();
    watchdog.expect(10, () => late.push("fifth"));
    await clock.advance(10);
    expect(late).to.deep.equal(["second", "fourth"]);
    expect(clock.waiting).to.equal(0);
  });

  it("needs one timer, however often something else is expected", async () => {
    const clock = new FakeClock();
    const watchdog = new Watchdog(clock);
    let late = 0;
    for (let piece = 0; piece < 100; piece += 1) {
      watchdog.expect(1000, () => (late += 1));
      expect(clock.waiting).to.equal(1);
      await clock.advance(990);
      watchdog.rest();
    }
    watchdog.expect(1000, () => (late += 1));
    await clock.advance(999);
    expect(late).to.equal(0);
    await clock.advance(1);
    expect([late, clock.waiting]).to.deep.equal([1, 0]);
  });
});
