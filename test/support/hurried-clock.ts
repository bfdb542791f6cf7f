import type { Clock, Timer } from "../../src/util/clock.ts";

/** The system's time, except that waits of a few seconds, up to ten, are over after some milliseconds. */
export class HurriedClock implements Clock {
  /** False: it is the system's time, as what has a deadline needs it. */
  isHurried = true;

  now(): number {
    return Date.now();
  }

  after(ms: number, run: () => void): Timer {
    const handle = setTimeout(run, this.isHurried && ms <= 10_000 ? Math.min(ms, 20) : ms);
    return { cancel: () => clearTimeout(handle) };
  }
}
