import { expect } from "chai";
import { sleep, systemClock, withTimeout } from "../../src/util/clock.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { rejection } from "../support/rejection.ts";

const late = (): Error => new Error("late");

describe("util/clock", () => {
  it("of the system goes forward, and runs timers unless they are cancelled", async () => {
    const before = systemClock.now();
    expect(systemClock.now()).to.be.within(before, before + 1000);
    expect(systemClock.epochMs()).to.be.within(Date.UTC(2026), Date.UTC(2100));
    const ran: string[] = [];
    const done = Promise.withResolvers<void>();
    const cancelled = systemClock.after(0, () => ran.push("cancelled"));
    cancelled.cancel();
    cancelled.cancel();
    const timer = systemClock.after(1, () => {
      ran.push("ran");
      done.resolve();
    });
    await done.promise;
    timer.cancel();
    expect(ran).to.deep.equal(["ran"]);
  });

  describe("withTimeout", () => {
    it("settles as the work does, and leaves no timer behind", async () => {
      const clock = new FakeClock();
      expect(await withTimeout(clock, 10, Promise.resolve("done"), late)).to.equal("done");
      const broken = withTimeout(clock, 10, Promise.reject(new Error("broken")), late);
      expect(await rejection(broken)).to.have.property("message", "broken");
      expect(clock.waiting).to.equal(0);
    });

    it("rejects when the work takes as long as that, and not before", async () => {
      const clock = new FakeClock();
      const settled: string[] = [];
      const waiting = withTimeout(clock, 10, new Promise<never>(() => undefined), late).catch((error: unknown) =>
        settled.push(String(error)),
      );
      await clock.advance(9);
      expect(settled).to.deep.equal([]);
      await clock.advance(1);
      await waiting;
      expect(settled).to.deep.equal(["Error: late"]);
    });

    it("leaves no unhandled rejection of work that fails too late", async () => {
      const clock = new FakeClock();
      const work = Promise.withResolvers<never>();
      const waiting = rejection(withTimeout(clock, 10, work.promise, late));
      await clock.advance(10);
      work.reject(new Error("too late"));
      expect(await waiting).to.have.property("message", "late");
      // An unhandled rejection would fail this test within the next turns.
      await clock.advance(0);
    });
  });

  describe("sleep", () => {
    it("waits", async () => {
      const clock = new FakeClock();
      let awake = false;
      const sleeping = sleep(clock, 10).then(() => (awake = true));
      await clock.advance(9);
      expect(awake).to.equal(false);
      await clock.advance(1);
      await sleeping;
    });

    it("ends early, without an error, when the signal is aborted", async () => {
      const clock = new FakeClock();
      const stopping = new AbortController();
      const sleeping = sleep(clock, 10, stopping.signal);
      stopping.abort();
      await sleeping;
      expect(clock.waiting).to.equal(0);
      await sleep(clock, 10, stopping.signal);
      expect(clock.waiting).to.equal(0);
    });
  });
});
