import type { Clock, Timer } from "../../util/clock.ts";

interface Expectation {
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
    this.#expected = { until, onLate };
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
    const left = expected.until - now;
    if (left > 0) return this.#wind(left, expected.until);
    this.rest();
    expected.onLate();
  }
}
