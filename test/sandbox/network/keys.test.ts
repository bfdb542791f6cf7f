import { expect } from "chai";

import { Keys } from "../../../src/sandbox/network/keys.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("sandbox keys", () => {
  it("are 20 hex characters, good until their time is over", async () => {
    const clock = new FakeClock();
    const keys = new Keys<string>(clock, 30_000);
    const key = keys.create("mia");
    expect(key).to.match(/^[0-9a-f]{20}$/u);
    await clock.advance(29_999);
    expect(keys.find(key)).to.equal("mia");
    await clock.advance(1);
    expect(keys.find(key)).to.equal(undefined);
    expect(keys.take(key)).to.equal(undefined);
  });

  it("are spent once taken", () => {
    const keys = new Keys<string>(new FakeClock(), 1000);
    const key = keys.create("mia");
    expect(keys.take(key)).to.equal("mia");
    expect(keys.take(key)).to.equal(undefined);
  });
});
