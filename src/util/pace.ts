/** Counts what may happen only so often: never more than `perSecond` in any second, at once or spread out. */
export class Pace {
  readonly #most: number;
  readonly #windowMs: number;
  /** When the last ones happened, oldest first, in milliseconds since the epoch. */
  #times: number[] = [];

  /** @param perSecond more than 0; less than 1 for what happens more seldom than every second */
  constructor(perSecond: number) {
    this.#most = Math.max(1, Math.floor(perSecond));
    this.#windowMs = (this.#most * 1000) / perSecond;
  }

  /** How long it takes until one more may happen, in milliseconds. */
  wait(now: number): number {
    const oldest = this.#times[0];
    if (oldest === undefined || this.#times.length < this.#most) return 0;
    // A clock that was set back must not make it longer.
    return Math.min(this.#windowMs, Math.max(0, oldest + this.#windowMs - now));
  }

  /** One happens now. */
  note(now: number): void {
    this.#times = [...this.#times, now].slice(-this.#most);
  }
}
