import { systemClock, type TimeSource, type Timer } from "../../src/util/clock.ts";

// How long the MSN client waits for what is under way when it leaves a switchboard or when a refusal may still come. On a
// busy machine the other side would answer after a hurried one, and the client would give up what is on its way.
const DEADLINES: ReadonlySet<number> = new Set([2000, 5000]);

/** The system's time, except that pauses of a few seconds, up to ten, are over after some milliseconds. */
export class HurriedClock implements TimeSource {
  /** False: it is the system's time, as what has a deadline needs it. */
  isHurried = true;

  now(): number {
    return systemClock.now();
  }

  epochMs(): number {
    return systemClock.epochMs();
  }

  after(ms: number, run: () => void): Timer {
    const isPause = this.isHurried && ms <= 10_000 && !DEADLINES.has(ms);
    const handle = setTimeout(run, isPause ? Math.min(ms, 20) : ms);
    return { cancel: () => clearTimeout(handle) };
  }
}
