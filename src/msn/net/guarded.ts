import { placeOf, refusedAddress, type Destinations } from "../../util/destinations.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { MsnError } from "../base/errors.ts";
import { GatheredWarning } from "../base/gathered-warning.ts";
import type { MsnScope } from "../base/scope.ts";
import type { Dial } from "./dial.ts";
import type { Fetch } from "./fetch.ts";

// Far above what contacts can have us do by calling (chat/incoming-calls), so that there is always a share for the account
// itself, and enough for all the conversations that one may have.
const CALLS = { burst: 100, everyMs: 20 };
// The key of a conversation is good for two minutes (docs/msnp.md 8.1(19)), and a call may have waited already.
const PATIENCE_MS = 30_000;

/** So many connections an account opens in a second: others decide when it does. */
export class CallLimit {
  readonly #rate: RateLimit;
  readonly #delayed: GatheredWarning;

  constructor(scope: Pick<MsnScope, "clock" | "log">) {
    this.#rate = new RateLimit(scope.clock, CALLS);
    this.#delayed = new GatheredWarning(scope, `connections have to wait: ${LIMIT}`);
  }

  /**
   * Waits for the turn of one more connection.
   * @throws MsnError `limited` when that would take too long
   */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    const wait = this.#rate.wait();
    if (wait > 0) this.#delayed.add({ wait });
    if (!(await this.#rate.turn(PATIENCE_MS, signal))) throw new MsnError("limited", `too many connections: ${LIMIT}`);
  }
}

const LIMIT = `one account opens at most ${1000 / CALLS.everyMs} a second here`;

/** A dial that keeps to where one may be sent. */
export function guardDial(dial: Dial, destinations: Destinations): Dial {
  return async (host, port, signal) => toMsn(async () => dial(host, port, signal, destinations.check({ host, port })));
}

/** A dial that counts. */
export function limitDial(dial: Dial, calls: CallLimit): Dial {
  return async (host, port, signal, lookup) => {
    await calls.turn(signal);
    return dial(host, port, signal, lookup);
  };
}

/** Requests that keep to where one may be sent, and that count. */
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
