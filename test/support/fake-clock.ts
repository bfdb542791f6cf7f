import type { TimeSource, Timer } from "../../src/util/clock.ts";

interface Pending {
  at: number;
  order: number;
  run: () => void;
}

/** A clock that moves only when told to. */
export class FakeClock implements TimeSource {
  // Not the epoch: a machine has run for as long as it has.
  #now = 5000;
  #epoch: number;
  #order = 0;
  #pending: Pending[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#epoch = now - this.#now;
  }

  now(): number {
    return this.#now;
  }

  epochMs(): number {
    return this.#epoch + this.#now;
  }

  /** The machine's date. */
  get date(): Date {
    return new Date(this.epochMs());
  }

  /** Sets the machine's date forward, or back; the clock does not mind. */
  setDate(byMs: number): void {
    this.#epoch += byMs;
  }

  /** The loop is held up for so long: no timer runs meanwhile. */
  holdUp(ms: number): void {
    this.#now += ms;
  }

  after(ms: number, run: () => void): Timer {
    const pending = { at: this.#now + ms, order: this.#order++, run };
    this.#pending.push(pending);
    return { cancel: () => void (this.#pending = this.#pending.filter((other) => other !== pending)) };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#pending.length;
  }

  /** Moves time on, running the timers that fall due in order, each followed by the promises that hang on it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const [next] = this.#pending.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined) break;
      this.#pending = this.#pending.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settle();
  }
}

// setImmediate runs after the promise jobs and the pending IO callbacks of this turn.
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
