import { Backoff } from "../../util/backoff.ts";

const RECONNECT = { first: 5000, most: 5 * 60_000 };
/** How long a session has to last before its server is trusted again. */
export const STEADY_MS = 2 * 60_000;

/**
 * How long an account waits before it signs in again. Signing in proves nothing, because a broken server may accept and
 * drop: only a session that lasted makes the delays short again.
 */
export class Redial {
  readonly #backoff = new Backoff(RECONNECT);
  /** A connection that breaks once is made again at once; one that breaks again soon is not. */
  #isHurryLeft = true;

  /** The delay after a session that ended, in milliseconds. */
  afterSession(lastedMs: number): number {
    if (lastedMs >= STEADY_MS) {
      this.#backoff.reset();
      this.#isHurryLeft = true;
    }
    if (!this.#isHurryLeft) return this.#backoff.next();
    this.#isHurryLeft = false;
    return 0;
  }

  /** The delay after a try that failed, in milliseconds. */
  afterFailure(): number {
    return this.#backoff.next();
  }
}
