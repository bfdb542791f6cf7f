import type { TimeSource, Timer } from "../../src/util/clock.ts";

/**
 * A clock on which every wait is over at once, and is written down. Timers of `patience` milliseconds and more are taken
 * for time-outs, and never run.
 */
export class EagerClock implements TimeSource {
  readonly waits: number[] = [];
  readonly #patience: number;
  #now = 5000;

  constructor(patience = 60_000) {
    this.#patience = patience;
  }

  now(): number {
    return this.#now;
  }

  epochMs(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  after(ms: number, run: () => void): Timer {
    if (ms >= this.#patience) return { cancel: () => undefined };
    this.waits.push(ms);
    const handle = setImmediate(() => {
      this.#now += ms;
      run();
    });
    return { cancel: () => clearImmediate(handle) };
  }
}
