import { expect } from "chai";
import { GatheredWarning } from "../../../src/msn/base/gathered-warning.ts";
import { NO_LOG } from "../../../src/msn/base/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("msn/base/gathered-warning", () => {
  it("is written at once, then once a minute with how often it has happened, and each time for those who look closer", async () => {
    const clock = new FakeClock();
    const lines: unknown[] = [];
    const debug: unknown[] = [];
    const log = {
      ...NO_LOG,
      warn: (fields: object, message: string) => void lines.push([message, fields]),
      debug: (fields: object) => void debug.push(fields),
    };
    const warning = new GatheredWarning({ clock, log }, "too many");
    for (let at = 0; at < 100; at += 1) warning.add({ at });
    expect(lines).to.deep.equal([["too many", { at: 0, times: 1 }]]);
    expect(debug).to.have.length(99);
    await clock.advance(60_000);
    expect(lines).to.have.length(1);
    warning.add({ at: 100 });
    warning.add({ at: 101 });
    expect(lines.slice(1)).to.deep.equal([["too many", { at: 100, times: 100 }]]);
    expect(clock.waiting).to.equal(0);
  });
});
