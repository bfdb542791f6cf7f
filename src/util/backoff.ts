/** How long to wait between tries: doubling from `first` up to `most`, both in milliseconds. */
export interface BackoffOptions {
  first: number;
  most: number;
  /** Returns a number in [0, 1); replaced in tests. */
  random?: () => number;
}

/** Delays that double up to a limit, each drawn between half and the whole, so that many waiters spread out. */
export class Backoff {
  readonly #options: BackoffOptions;
  #tries = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** The next delay in milliseconds. */
  next(): number {
    const { first, most, random = Math.random } = this.#options;
    const whole = Math.min(most, first * 2 ** this.#tries);
    this.#tries += 1;
    return Math.round(whole / 2 + (whole / 2) * random());
  }

  /** Starts again from the first delay, once things have gone well. */
  reset(): void {
    this.#tries = 0;
  }
}
