import { sleep, type Clock } from "./clock.ts";

export interface TokenBucketOptions {
  /** How many may be taken at once after a rest. */
  readonly burst: number;
  /** How long it takes until another may be taken, in milliseconds. */
  readonly everyMs: number;
  readonly clock: Clock;
}

/** Paces what others limit. Those who wait get their turn in the order in which they came. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  /** When the bucket will be, or was, full, in milliseconds since the epoch. */
  #fullAt = 0;
  #lastNow = 0;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it is one's turn.
   * @param patienceMs how long one is ready to wait
   * @param signal it is one's turn at once when it is aborted, because one does not want it any more
   * @returns false, at once, when it would take longer than that; nothing is taken then
   */
  async take(patienceMs: number, signal?: AbortSignal): Promise<boolean> {
    const { burst, everyMs, clock } = this.#options;
    const now = this.#now();
    const fullAt = Math.max(this.#fullAt, now) + everyMs;
    const wait = fullAt - now - burst * everyMs;
    if (wait > patienceMs) return false;
    this.#fullAt = fullAt;
    if (wait > 0) await sleep(clock, wait, signal);
    return true;
  }

  /** Counts one that does not wait for its turn: those behind it wait longer. */
  count(): void {
    this.#fullAt = Math.max(this.#fullAt, this.#now()) + this.#options.everyMs;
  }

  // When somebody sets the clock back, what lies ahead comes nearer by as much, or all would wait until it has caught up.
  #now(): number {
    const now = this.#options.clock.now();
    if (now < this.#lastNow) this.#fullAt -= this.#lastNow - now;
    this.#lastNow = now;
    return now;
  }
}
