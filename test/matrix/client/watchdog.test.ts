import { expect } from "chai";
import { Watchdog } from "../../../src/matrix/client/watchdog.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("matrix/client/watchdog", () => {
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
});
