import type { Clock, Timer } from "../../util/clock.ts";
import type { Ring } from "../base/switchboard-ticket.ts";
import { RateLimit } from "../../util/rate-limit.ts";

/** Who follows calls. */
export interface CallFollower {
  follow(ring: Ring): void;
}

// Every call has us connect where the server says. When an account comes online many may call at once, so that a
// burst is followed at once, and what comes too fast has to wait: the longest for less than a minute, while keys are
// good for two (docs/msnp.md 8.1(19)).
const CALLS = { burst: 50, everyMs: 100, isStrict: true };
const MAX_WAITING = 500;

/** Follows calls in the order in which they come, but never too many in a short time. */
export class IncomingCalls {
  readonly #clock: Clock;
  readonly #follower: CallFollower;
  readonly #rate: RateLimit;
  #waiting: Ring[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, follower: CallFollower) {
    this.#clock = clock;
    this.#follower = follower;
    this.#rate = new RateLimit(clock, CALLS);
  }

  /** @returns false when too many wait already: this one will not be followed */
  add(ring: Ring): boolean {
    if (this.#waiting.length >= MAX_WAITING) return false;
    this.#waiting.push(ring);
    if (this.#timer === undefined) this.#next();
    return true;
  }

  /** Forgets those who wait. */
  clear(): void {
    this.#waiting = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #next(): void {
    this.#timer = undefined;
    while (this.#waiting.length > 0 && this.#rate.take()) {
      const ring = this.#waiting.shift();
      if (ring !== undefined) this.#follower.follow(ring);
    }
    if (this.#waiting.length > 0) this.#timer = this.#clock.after(this.#rate.wait(), () => this.#next());
  }
}
