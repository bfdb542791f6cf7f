import { expect } from "chai";
import { IdlePortals } from "../../../src/bridge/login/idle-portals.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("bridge/login/idle-portals", () => {
  it("has the portals of every login grow older every five minutes, until the bridge stops", async () => {
    const clock = new FakeClock();
    const stopping = new AbortController();
    const ages = [0, 0];
    const all = ages.map((_, index) => ({ portals: { age: () => void (ages[index] = (ages[index] ?? 0) + 1) } }));
    let users = 0;
    new IdlePortals({ clock, signal: stopping.signal }, { all }, { age: () => void (users += 1) }).start();
    await clock.advance(5 * 60_000);
    expect(ages).to.deep.equal([1, 1]);
    await clock.advance(10 * 60_000);
    expect([...ages, users]).to.deep.equal([3, 3, 3]);
    stopping.abort();
    expect(clock.waiting).to.equal(0);
  });
});
