import { getEventListeners } from "node:events";
import { expect } from "chai";
import { later } from "../../src/util/clock.ts";
import { onAbort } from "../../src/util/on-abort.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("util/on-abort", () => {
  it("calls all that wait, in their order, once", () => {
    const ended = new AbortController();
    const called: string[] = [];
    for (const name of ["one", "two", "three"]) onAbort(ended.signal, () => called.push(name));
    ended.abort();
    ended.abort();
    expect(called).to.deep.equal(["one", "two", "three"]);
  });

  it("does not call what waits no more, also where that is decided by another that is called", () => {
    const ended = new AbortController();
    const called: string[] = [];
    onAbort(ended.signal, () => stopOther());
    const stopOther = onAbort(ended.signal, () => called.push("other"));
    const stopTwice = onAbort(ended.signal, () => called.push("twice"));
    onAbort(ended.signal, () => called.push("last"));
    stopTwice();
    stopTwice();
    ended.abort();
    expect(called).to.deep.equal(["last"]);
  });

  it("keeps apart the same function that waits twice", () => {
    const ended = new AbortController();
    let calls = 0;
    const count = (): void => void (calls += 1);
    const stopFirst = onAbort(ended.signal, count);
    onAbort(ended.signal, count);
    stopFirst();
    ended.abort();
    expect(calls).to.equal(1);
  });

  it("never calls what begins to wait for a signal that is aborted", () => {
    let calls = 0;
    onAbort(AbortSignal.abort(), () => (calls += 1))();
    expect(calls).to.equal(0);
  });

  // Whoever adds a listener, or removes one, has Node walk all that there are.
  it("is one listener of the signal for all that wait, and none once nothing does", () => {
    const { signal } = new AbortController();
    const clock = new FakeClock();
    const timers = Array.from({ length: 1000 }, () => later(clock, 1000, signal, () => undefined));
    const stops = Array.from({ length: 1000 }, () => onAbort(signal, () => undefined));
    expect(getEventListeners(signal, "abort").length).to.equal(1);
    for (const timer of timers) timer.cancel();
    for (const stop of stops) stop();
    expect(getEventListeners(signal, "abort").length).to.equal(0);
    onAbort(signal, () => undefined);
    expect(getEventListeners(signal, "abort").length).to.equal(1);
  });
});
