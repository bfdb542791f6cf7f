import type { Clock } from "../../util/clock.ts";

export interface Rate {
  /** How often at once, after a rest. */
  readonly burst: number;
  /** How long it takes until once more is allowed, in milliseconds. */
  readonly everyMs: number;
}

/** Counts how often something is done, and tells when it is too often. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #rate: Rate | undefined;
  /** When the whole burst is allowed again, in milliseconds since the epoch. */
  #restedAt = 0;

  /** @param rate undefined when there is no limit */
  constructor(clock: Clock, rate: Rate | undefined) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Whether it may be done now; only then it counts. */
  allows(): boolean {
    if (this.#rate === undefined) return true;
    const { burst, everyMs } = this.#rate;
    const now = this.#clock.now();
    const restedAt = Math.max(this.#restedAt, now) + everyMs;
    if (restedAt - now > burst * everyMs) return false;
    this.#restedAt = restedAt;
    return true;
  }
}
