import { ReadingTurns } from "../../msn/index.ts";
import { Limiter } from "../../util/limiter.ts";
import { FairRate } from "../../util/fair-rate.ts";
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

/** Why a network is asked whether a password is right: a user gave it, or it is kept and the account is to be signed in again. */
type SignInKind = "by-user" | "kept";

/** Paces the accounts of one network. */
export interface NetworkPace {
  /** How many are signed in again at the same time: a network that does not answer holds up no other. */
  readonly limiter: Limiter;
  /** The tries to sign in. Half of them are for what is kept, and each half goes around among the users. */
  readonly signIns: FairRate<SignInKind>;
  /** The conversations that are opened; undefined where the network does not throttle. */
  readonly switchboards: RateLimit | undefined;
}

/** What the sessions of all logins share: how many sign in at the same time, how often, and how much is read in a turn. */
export class SessionLimits {
  readonly readingTurns = new ReadingTurns();
  readonly #clock: Clock;
  readonly #newLimiter: () => Limiter;
  readonly #paces = new Map<string, NetworkPace>();

  /** @param newLimiter makes what lets only so many sessions of a network be opened at the same time */
  constructor(clock: Clock, newLimiter = () => new Limiter(LOGINS_AT_ONCE, Number.POSITIVE_INFINITY)) {
    this.#newLimiter = newLimiter;
    this.#clock = clock;
  }

  paceOf({ id, throttles }: Network): NetworkPace {
    const clock = this.#clock;
    const pace = this.#paces.get(id) ?? {
      limiter: this.#newLimiter(),
      signIns: new FairRate<SignInKind>(clock, throttles ? SIGN_INS : QUICK_SIGN_INS),
      switchboards: throttles ? new RateLimit(clock, SWITCHBOARDS) : undefined,
    };
    this.#paces.set(id, pace);
    return pace;
  }
}
