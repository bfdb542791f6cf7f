import type { Clock, Timer } from "../../util/clock.ts";
import { RateLimit, type Rate } from "../../util/rate-limit.ts";
import type { Ring } from "../base/switchboard-ticket.ts";

/** What callers may have us follow. */
export interface CallLimits {
  /** All of them together. */
  readonly all: Rate;
  readonly waiting: number;
  /** One of them. */
  readonly ofOne: Rate;
  readonly waitingOfOne: number;
}

/** Who follows calls. */
export interface CallFollower {
  follow(ring: Ring): void;
}

// Of those who call no more, only so many are remembered: together they have no more than `all`.
const MAX_REMEMBERED = 1000;

/** Calls that are followed at a pace, each caller's in order. The callers have their turns one after the other. */
export class CallLane {
  readonly #clock: Clock;
  readonly #follower: CallFollower;
  readonly #limits: CallLimits;
  readonly #rate: RateLimit;
  /** By caller; who has called last stands last. */
  readonly #paces = new Map<string, RateLimit>();
  /** By caller, in the order of their turns. */
  readonly #waiting = new Map<string, Ring[]>();
  #count = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, follower: CallFollower, limits: CallLimits) {
    this.#clock = clock;
    this.#follower = follower;
    this.#limits = limits;
    this.#rate = new RateLimit(clock, limits.all);
  }

  /** @returns false when too many wait: this one will not be followed */
  add(caller: string, ring: Ring): boolean {
    const theirs = this.#waiting.get(caller) ?? [];
    // Its key is good once.
    if (theirs.some((other) => other.session === ring.session && other.key === ring.key)) return true;
    const { waiting, waitingOfOne } = this.#limits;
    if (this.#count >= waiting || theirs.length >= waitingOfOne) return false;
    this.#waiting.set(caller, [...theirs, ring]);
    this.#count += 1;
    this.#next();
    return true;
  }

  /** Forgets those who wait. */
  clear(): void {
    this.#waiting.clear();
    this.#count = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #next(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#rate.wait() === 0) {
      const caller = [...this.#waiting.keys()].find((one) => this.#waitOf(one) === 0);
      if (caller === undefined) break;
      this.#follow(caller);
    }
    if (this.#count === 0) return;
    const waits = [...this.#waiting.keys()].map((one) => this.#waitOf(one));
    this.#timer = this.#clock.after(Math.max(this.#rate.wait(), Math.min(...waits)), () => this.#next());
  }

  #follow(caller: string): void {
    const [ring, ...rest] = this.#waiting.get(caller) ?? [];
    this.#waiting.delete(caller);
    if (rest.length > 0) this.#waiting.set(caller, rest);
    if (ring === undefined) return;
    this.#count -= 1;
    this.#rate.count();
    this.#countOne(caller);
    this.#follower.follow(ring);
  }

  #waitOf(caller: string): number {
    return this.#paces.get(caller)?.wait() ?? 0;
  }

  #countOne(caller: string): void {
    const pace = this.#paces.get(caller) ?? new RateLimit(this.#clock, this.#limits.ofOne);
    pace.count();
    this.#paces.delete(caller);
    this.#paces.set(caller, pace);
    const [oldest] = this.#paces.keys();
    if (oldest !== undefined && this.#paces.size > MAX_REMEMBERED) this.#paces.delete(oldest);
  }
}
