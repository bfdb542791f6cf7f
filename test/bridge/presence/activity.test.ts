import { expect } from "chai";
import { Activity } from "../../../src/bridge/presence/activity.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const ALICE = "@alice:localhost";
const BOB = "@bob:localhost";

describe("bridge/presence/activity", () => {
  it("takes somebody for active for five minutes after she did something", async () => {
    const clock = new FakeClock();
    const activity = new Activity(clock);
    expect(activity.activeUntil(ALICE)).to.equal(undefined);
    activity.seen(ALICE);
    await clock.advance(60_000);
    activity.seen(BOB);
    expect(activity.activeUntil(ALICE)).to.equal(clock.now() + 4 * 60_000);
    await clock.advance(4 * 60_000);
    expect(activity.activeUntil(ALICE)).to.equal(undefined);
    expect(activity.activeUntil(BOB)).to.equal(clock.now() + 60_000);
    activity.seen(ALICE);
    expect(activity.activeUntil(ALICE)).to.equal(clock.now() + 5 * 60_000);
  });

  it("counts what waited from when it was done", () => {
    const clock = new FakeClock();
    const activity = new Activity(clock);
    activity.seen(ALICE, clock.now() - 5 * 60_000);
    expect(activity.activeUntil(ALICE)).to.equal(undefined);
    activity.seen(ALICE, clock.now() - 60_000);
    activity.seen(ALICE, clock.now() - 2 * 60_000);
    expect(activity.activeUntil(ALICE)).to.equal(clock.now() + 4 * 60_000);
  });

  it("takes coming online for doing something, but not going away, and remembers since when it is so", async () => {
    const clock = new FakeClock();
    const activity = new Activity(clock);
    const told: string[] = [];
    activity.attach({ seenActive: (userId) => void told.push(userId) });
    activity.seenPresence(ALICE, "unavailable");
    expect(activity.activeUntil(ALICE)).to.equal(undefined);
    activity.seenPresence(ALICE, "online");
    const at = clock.now();
    await clock.advance(1000);
    activity.seenPresence(ALICE, "online");
    expect(activity.presenceOf(ALICE)).to.deep.equal({ presence: "online", at });
    expect(activity.activeUntil(ALICE)).to.equal(clock.now() + 5 * 60_000);
    expect(activity.presenceOf(BOB)).to.equal(undefined);
    expect(told).to.deep.equal([ALICE, ALICE, ALICE]);
  });
});
