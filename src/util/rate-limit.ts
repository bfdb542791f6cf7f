import { sleep, type Clock } from "./clock.ts";

export interface Rate {
  /** How many at once after a rest. */
  readonly burst: number;
  /** How long it takes until one more, in milliseconds. */
  readonly everyMs: number;
  /** Also right after a rest there are never more than `burst` in any `burst * everyMs`. */
  readonly isStrict?: boolean;
}

/**
 * So many in so much time: for what others limit, and for what others can make us do. Usually a bucket of `burst` that gets
 * one more every `everyMs`; a strict one counts what was in the last `burst * everyMs`. Those who wait for their turn get it
 * in the order in which they came.
 */
export class RateLimit {
  readonly #rate: Rate;
  readonly #clock: Clock;
  /** When the bucket will be, or was, full. */
  #fullAt = -Infinity;
  /** Of a strict one: when the last `burst` happened, or will, oldest first. */
  #times: number[] = [];

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** How long it takes until one more may happen, in whole milliseconds. */
  wait(): number {
    const now = this.#clock.now();
    const { burst, everyMs, isStrict = false } = this.#rate;
    const spanMs = burst * everyMs;
    const [oldest = -Infinity] = this.#times.length < burst ? [] : this.#times;
    const freeAt = isStrict ? oldest + spanMs : Math.max(this.#fullAt, now) + everyMs - spanMs;
    // Where `everyMs` is a fraction, sums are off by less than this.
    return Math.max(0, Math.ceil(freeAt - now - 0.001));
  }

  /** Whether one more may happen now; if so, it counts. */
  take(): boolean {
    const isFree = this.wait() === 0;
    if (isFree) this.count();
    return isFree;
  }

  /**
   * Resolves when it is one's turn.
   * @param patienceMs how long one is ready to wait
   * @param signal it is one's turn at once when it is aborted, because one does not want it any more
   * @returns false, at once, when it would take longer than that; nothing counts then
   */
  async turn(patienceMs: number, signal?: AbortSignal): Promise<boolean> {
    const wait = this.wait();
    if (wait > patienceMs) return false;
    this.count();
    if (wait > 0) await sleep(this.#clock, wait, signal);
    return true;
  }

  /** Counts one that does not wait for its turn: those behind it wait longer. */
  count(): void {
    const { burst, everyMs, isStrict = false } = this.#rate;
    const wait = this.wait();
    const now = this.#clock.now();
    this.#fullAt = Math.max(this.#fullAt, now) + everyMs;
    if (!isStrict) return;
    this.#times.push(now + wait);
    if (this.#times.length > burst) this.#times.shift();
  }
}
