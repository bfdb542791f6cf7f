import type { Clock } from "../../util/clock.ts";
import { accountKey } from "../base/account.ts";
import type { Acquaintances } from "../base/acquaintances.ts";
import { MsnError } from "../base/errors.ts";
import type { Ring } from "../base/switchboard-ticket.ts";
import { CallLane, type CallFollower, type CallLimits } from "./call-lane.ts";

// Every call has us connect where the server says. When an account comes online many may call at once, so that a
// burst is followed at once, and what comes too fast has to wait: the longest for less than half a minute, while keys are
// good for two minutes (docs/msnp.md 8.1(19)), but callers give up sooner. Some programs open a switchboard for every line.
const CONTACTS: CallLimits = {
  all: { burst: 60, everyMs: 50, isStrict: true },
  waiting: 400,
  ofOne: { burst: 20, everyMs: 500, isStrict: true },
  waitingOfOne: 20,
};
// Anybody can have as many accounts as they like. What each of them says is still heard: callers give up after seconds.
const STRANGERS: CallLimits = {
  all: { burst: 30, everyMs: 100, isStrict: true },
  waiting: 100,
  ofOne: { burst: 5, everyMs: 2000, isStrict: true },
  waitingOfOne: 3,
};

/** Follows calls, never too many in a short time: not of one caller, and not of strangers at the cost of contacts. */
export class IncomingCalls {
  readonly #acquaintances: Acquaintances;
  readonly #contacts: CallLane;
  readonly #strangers: CallLane;

  constructor(clock: Clock, follower: CallFollower, acquaintances: Acquaintances) {
    this.#acquaintances = acquaintances;
    this.#contacts = new CallLane(clock, follower, CONTACTS);
    this.#strangers = new CallLane(clock, follower, STRANGERS);
  }

  /** @returns why it will not be followed, if so: too many wait already */
  add(ring: Ring): MsnError | undefined {
    const caller = accountKey(ring.caller);
    const isKnown = this.#acquaintances.knows(caller);
    const [lane, { waiting, waitingOfOne }] = isKnown ? [this.#contacts, CONTACTS] : [this.#strangers, STRANGERS];
    if (lane.add(caller, ring)) return undefined;
    const most = `at most ${waitingOfOne} calls of one, and ${waiting} of all, wait to be followed here`;
    return new MsnError("limited", `too many calls at once: ${most}`);
  }

  /** Forgets those who wait. */
  clear(): void {
    this.#contacts.clear();
    this.#strangers.clear();
  }
}
