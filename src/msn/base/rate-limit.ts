import type { Clock } from "../../util/clock.ts";

export interface RateLimitOptions {
  readonly clock: Clock;
  /** How many are allowed … */
  readonly most: number;
  /** … in any span of so many milliseconds. */
  readonly spanMs: number;
}

/** Counts what others make us do, so that they cannot make us do it without end. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #times: number[] = [];

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Whether it may be done once more now; if so, it counts. */
  take(): boolean {
    const { clock, most, spanMs } = this.#options;
    const now = clock.now();
    // What lies ahead was counted before somebody set the clock back.
    this.#times = this.#times.filter((time) => time <= now && now - time < spanMs);
    if (this.#times.length >= most) return false;
    this.#times.push(now);
    return true;
  }
}
