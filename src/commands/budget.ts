import type { Clock } from "../util/clock.ts";
import { RateLimit } from "../util/rate-limit.ts";

// More than people type, or paste; what scripts send is not answered one by one.
const RATE = { burst: 60, everyMs: 1000 };
const REST_MS = RATE.burst * RATE.everyMs;
const MOST_REMEMBERED = 1000;

interface Budget {
  readonly rate: RateLimit;
  /** Until when nothing is done for the user. */
  restsUntil: number;
}

/** What is done with something that a user says: it is heard, or not; the first that is not is answered. */
export type Admission = "heard" | "refused" | "ignored";

/** How much each user may say to the bot. One who has used it up has to rest until it is whole again. */
export class CommandBudgets {
  readonly #clock: Clock;
  /** By user, the one who spoke last at the end. */
  readonly #budgets = new Map<string, Budget>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  admit(userId: string): Admission {
    const budget = this.#budgets.get(userId) ?? { rate: new RateLimit(this.#clock, RATE), restsUntil: -Infinity };
    this.#budgets.delete(userId);
    this.#budgets.set(userId, budget);
    const [oldest] = this.#budgets.keys();
    if (oldest !== undefined && this.#budgets.size > MOST_REMEMBERED) this.#budgets.delete(oldest);
    const now = this.#clock.now();
    if (now < budget.restsUntil) return "ignored";
    if (budget.rate.take()) return "heard";
    budget.restsUntil = now + REST_MS;
    return "refused";
  }
}
