import type { Clock, Timer } from "../../util/clock.ts";

interface Expectation {
  readonly ms: number;
  readonly until: number;
  readonly onLate: () => void;
}

/**
 * Calls when something that is expected does not come in time. What is expected may change with every piece of a file: the
 * timer stays, and looks when it rings.
 */
export class Watchdog {
  readonly #clock: Clock;
  #expected: Expectation | undefined;
  #timer: Timer | undefined;
  #ringsAt = 0;
  #hasEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on, until the next `expect` or `rest`. */
  expect(ms: number, onLate: () => void): void {
    if (this.#hasEnded) return;
    const until = this.#clock.now() + ms;
    this.#expected = { ms, until, onLate };
    if (this.#timer === undefined || this.#ringsAt > until) this.#wind(ms, until);
  }

  /** Nothing is expected for now. */
  rest(): void {
    this.#expected = undefined;
  }

  /** Nothing is expected any more, not even if `expect` is called later. */
  end(): void {
    this.#hasEnded = true;
    this.rest();
    this.#timer?.cancel();
  }

  #wind(ms: number, until: number): void {
    this.#timer?.cancel();
    this.#ringsAt = until;
    this.#timer = this.#clock.after(ms, () => this.#ring());
  }

  #ring(): void {
    this.#timer = undefined;
    const expected = this.#expected;
    if (expected === undefined) return;
    const now = this.#clock.now();
    // Where the time was set back meanwhile, that is no reason to wait for longer.
    const left = Math.min(expected.until - now, expected.ms);
    if (left > 0) {
      this.#expected = { ...expected, until: now + left };
      return this.#wind(left, now + left);
    }
    this.rest();
    expected.onLate();
  }
}
