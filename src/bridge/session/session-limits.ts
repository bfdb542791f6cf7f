import { ReadingTurns } from "../../msn/index.ts";
import { Limiter } from "../../util/limiter.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import type { Clock } from "../../util/clock.ts";
import type { Network } from "./state.ts";

// Hundreds of logins at the same moment look like an attack, and make the first ones wait.
const LOGINS_AT_ONCE = 10;
// A server that comes back, or the start of the bridge, must not meet all accounts at the same moment.
const SIGN_INS = { burst: 10, everyMs: 500 };
// One that does not throttle can take more, but not all that there may be.
const QUICK_SIGN_INS = { burst: 50, everyMs: 10 };
// What official servers allow (docs/msnp.md 4.1).
const SWITCHBOARDS = { burst: 5, everyMs: 7600 };

/** Paces the accounts of one network. */
export interface NetworkPace {
  /** The tries to sign in. */
  readonly signIns: RateLimit;
  /** The conversations that are opened; undefined where the network does not throttle. */
  readonly switchboards: RateLimit | undefined;
}

/** What the sessions of all logins share: how many sign in at the same time, how often, and how much is read in a turn. */
export class SessionLimits {
  readonly limiter: Limiter;
  readonly readingTurns = new ReadingTurns();
  readonly #clock: Clock;
  readonly #paces = new Map<string, NetworkPace>();

  /** @param limiter lets only so many sessions be opened at the same time */
  constructor(clock: Clock, limiter = new Limiter(LOGINS_AT_ONCE, Number.POSITIVE_INFINITY)) {
    this.limiter = limiter;
    this.#clock = clock;
  }

  paceOf({ id, throttles }: Network): NetworkPace {
    const clock = this.#clock;
    const pace = this.#paces.get(id) ?? {
      signIns: new RateLimit(clock, throttles ? SIGN_INS : QUICK_SIGN_INS),
      switchboards: throttles ? new RateLimit(clock, SWITCHBOARDS) : undefined,
    };
    this.#paces.set(id, pace);
    return pace;
  }
}
