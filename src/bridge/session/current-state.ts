import { MsnError } from "../../msn/index.ts";
import { withTimeout, type Clock } from "../../util/clock.ts";
import { PATIENCE_MS } from "./owned-client.ts";
import { isDown, type SessionState } from "./state.ts";

/** Why a sign-in ends that the user, not the network, has put an end to. */
export const SIGNED_OUT = new MsnError("connection-closed", "the account was signed out meanwhile");
export const LOGGED_OUT = new MsnError("bad-credentials", "not logged in to MSN");

/** What a session is doing, for those who wait for it to be connected. */
export class CurrentState {
  readonly #clock: Clock;
  #state: SessionState = { type: "logged-out" };
  /** When the last session ended. */
  #downSince = -Infinity;
  #change = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get value(): SessionState {
    return this.#state;
  }

  /** Since when there is no session; undefined while there is one, or none is wanted. */
  get downSince(): number | undefined {
    return isDown(this.#state) ? this.#downSince : undefined;
  }

  become(state: SessionState): void {
    if (!isDown(this.#state)) this.#downSince = this.#clock.now();
    this.#state = state;
  }

  /** Lets those who wait look at the state again. */
  announce(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /**
   * Waits for a session that is being made, but not for ever.
   * @param waitsSince when the wait began
   * @returns nothing once it is connected; otherwise why it did not come to that
   */
  async untilConnected(waitsSince: number): Promise<MsnError | undefined> {
    const clock = this.#clock;
    const since = Math.max(waitsSince, this.#downSince);
    // What an earlier run wrote down may lie ahead.
    const end = Math.min(since, clock.now()) + PATIENCE_MS;
    for (;;) {
      const state = this.#state;
      switch (state.type) {
        case "connected":
          return undefined;
        case "logged-out":
          return LOGGED_OUT;
        case "stopped":
          return state.error;
        case "connecting":
        case "waiting":
        case "hindered": {
          const late = new MsnError("connection-closed", "the connection to MSN is down");
          if (clock.now() >= end) return late;
          await withTimeout(clock, end - clock.now(), this.#change.promise, () => late).catch(() => undefined);
        }
      }
    }
  }
}
