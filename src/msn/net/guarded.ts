import type { Clock } from "../../util/clock.ts";
import { placeOf, refusedAddress, type Destinations } from "../../util/destinations.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { MsnError } from "../base/errors.ts";
import type { MsnLog } from "../base/log.ts";
import type { Dial } from "./dial.ts";
import type { Fetch } from "./fetch.ts";

// Twice of what contacts can have us do by calling (chat/incoming-calls), so that as much is left for the account itself.
const CALLS = { burst: 100, everyMs: 50 };
// Shorter than connections may take to come about.
const PATIENCE_MS = 10_000;

/** So many connections an account opens in a second: others decide when it does. */
export class CallLimit {
  readonly #rate: RateLimit;
  readonly #log: MsnLog;
  #isDelaying = false;

  constructor(clock: Clock, log: MsnLog) {
    this.#rate = new RateLimit(clock, CALLS);
    this.#log = log;
  }

  /**
   * Waits for the turn of one more connection.
   * @throws MsnError `limited` when that would take too long
   */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    const wait = this.#rate.wait();
    const isDelayed = wait > 0;
    if (isDelayed && !this.#isDelaying) this.#log.warn({ wait }, `connections have to wait: ${LIMIT}`);
    this.#isDelaying = isDelayed;
    if (!(await this.#rate.turn(PATIENCE_MS, signal))) throw new MsnError("limited", `too many connections: ${LIMIT}`);
  }
}

const LIMIT = `one account opens at most ${1000 / CALLS.everyMs} a second here`;

/** A dial that counts, and keeps to where one may be sent if `destinations` are given. */
export function guardDial(dial: Dial, calls: CallLimit, destinations?: Destinations): Dial {
  return async (host, port, signal) => {
    const lookup = destinations && (await toMsn(() => destinations.check({ host, port })));
    await calls.turn(signal);
    return toMsn(async () => dial(host, port, signal, lookup));
  };
}

/** The same for requests. */
export function guardFetch(fetch: Fetch, calls: CallLimit, destinations: Destinations): Fetch {
  return async (url, init) => {
    const lookup = await toMsn(() => destinations.check(placeOf(url)));
    await calls.turn(init.signal);
    return toMsn(async () => fetch(url, { ...init, lookup }));
  };
}

/** @throws MsnError `address-refused` where the place must not be connected to; else what `work` throws */
async function toMsn<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refused = refusedAddress(error);
    if (refused === undefined) throw error;
    const message = `the server named a place that must not be connected to: ${refused.message}`;
    throw new MsnError("address-refused", message, { cause: refused });
  }
}
