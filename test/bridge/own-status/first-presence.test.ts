import { expect } from "chai";
import { FirstPresence } from "../../../src/bridge/own-status/first-presence.ts";
import { Activity } from "../../../src/bridge/presence/activity.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { intentOf } from "../../support/scopes.ts";

const [ALICE, BOB, EVE] = ["@alice:localhost", "@bob:localhost", "@eve:localhost"];

describe("bridge/own-status/first-presence", () => {
  let clock: FakeClock;
  let activity: Activity;
  let first: FirstPresence;
  let asked: string[];
  let answer: string | undefined;
  let stopping: AbortController;
  beforeEach(() => {
    clock = new FakeClock();
    activity = new Activity(clock);
    stopping = new AbortController();
    [asked, answer] = [[], undefined];
    const bot = intentOf("@msnbot:localhost", (_, path) => {
      asked.push(decodeURIComponent(path));
      return answer === undefined ? new Promise(() => undefined) : Promise.resolve({ presence: answer });
    });
    first = new FirstPresence({ bot, activity, clock, signal: stopping.signal });
  });

  it("asks once about each user, and does not take for gone whom the homeserver says nothing of", async () => {
    answer = "unavailable";
    await Promise.all([first.of(ALICE), first.of(ALICE)]);
    await first.of(ALICE);
    expect(activity.presenceOf(ALICE)?.presence).to.equal("unavailable");
    answer = "offline";
    await first.of(BOB);
    expect(activity.presenceOf(BOB)).to.equal(undefined);
    expect(asked).to.have.length(2);
    expect(clock.waiting).to.equal(0);
  });

  it("believes what it was told meanwhile, and does not ask about whom it has been told", async () => {
    activity.seenPresence(ALICE, "busy");
    answer = "unavailable";
    await first.of(ALICE);
    expect([activity.presenceOf(ALICE)?.presence, asked.length]).to.deep.equal(["busy", 0]);
  });

  it("waits five seconds for a homeserver that does not answer, and not once more", async () => {
    const waiting = first.of(ALICE);
    await clock.advance(5000);
    await waiting;
    await first.of(BOB);
    expect(asked).to.have.length(2);
    answer = "online";
    await first.of(EVE);
    await clock.advance(0);
    expect(clock.waiting).to.equal(0);
  });

  it("asks about so many at once only, and about the others as it is told of these", async () => {
    const answers: (() => void)[] = [];
    const bot = intentOf("@msnbot:localhost", (_, path) => {
      asked.push(path);
      return new Promise((resolve) => answers.push(() => resolve({ presence: "online" })));
    });
    first = new FirstPresence({ bot, activity, clock, signal: stopping.signal });
    const all = Array.from({ length: 50 }, (_, index) => first.of(`@u${index}:localhost`));
    await clock.advance(0);
    expect(asked).to.have.length(20);
    answers.shift()?.();
    await clock.advance(0);
    expect(asked).to.have.length(21);
    while (answers.length > 0) {
      for (const give of answers.splice(0)) give();
      await clock.advance(0);
    }
    await Promise.all(all);
    expect([asked.length, clock.waiting]).to.deep.equal([50, 0]);
  });

  it("waits five seconds only, however many wait for a homeserver that does not answer", async () => {
    const all = Array.from({ length: 50 }, (_, index) => first.of(`@u${index}:localhost`));
    await clock.advance(5000);
    await Promise.all(all);
    expect([asked.length, clock.waiting]).to.deep.equal([50, 0]);
  });

  it("waits for nothing any more once the bridge stops", async () => {
    const waiting = Promise.all(Array.from({ length: 50 }, (_, index) => first.of(`@u${index}:localhost`)));
    stopping.abort();
    await waiting;
    await first.of(ALICE);
    expect(clock.waiting).to.equal(0);
  });
});
