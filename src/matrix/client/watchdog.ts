import type { Clock, Timer } from "../../util/clock.ts";

/** Calls when something that is expected does not come in time. */
export class Watchdog {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #hasEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on, until the next `expect` or `rest`. */
  expect(ms: number, onLate: () => void): void {
    if (this.#hasEnded) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, onLate);
  }

  /** Nothing is expected for now. */
  rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Nothing is expected any more, not even if `expect` is called later. */
  end(): void {
    this.#hasEnded = true;
    this.rest();
  }
}
