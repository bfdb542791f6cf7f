import type { Clock, Timer } from "../../util/clock.ts";
import type { SessionState } from "../session/state.ts";
import { Sightings } from "./sightings.ts";

/** Hears that logins do not see some ghosts any more. */
export interface SightingsListener {
  unseen(userIds: readonly string[]): void;
}

// A contact who is connected again within this time has not gone, as far as Matrix is concerned.
const GRACE_MS = 20_000;
// How long after that the contacts who are there have all been told of.
const ARRIVAL_MS = 10_000;

/** What logins see of ghosts, with what their last session saw for a while after it has ended. */
export class LoginSightings extends Sightings {
  readonly #clock: Clock;
  readonly #listener: SightingsListener;
  /** When what a session saw that has ended is forgotten, by login. */
  readonly #ends = new Map<number, Timer>();

  constructor(clock: Clock, listener: SightingsListener) {
    super();
    this.#clock = clock;
    this.#listener = listener;
  }

  /** The session of a login has begun or ended. If it comes back soon, nobody need know that it was gone. */
  session(loginId: number, state: SessionState["type"]): void {
    switch (state) {
      case "connecting":
      case "waiting":
      case "hindered":
        this.markStale(loginId);
        if (!this.#ends.has(loginId)) this.#dropAfter(loginId, GRACE_MS);
        return;
      case "connected":
        // Who is there is being told.
        if (this.#ends.has(loginId)) this.#dropAfter(loginId, ARRIVAL_MS);
        return;
      case "logged-out":
      case "stopped":
        this.#ends.get(loginId)?.cancel();
        this.#ends.delete(loginId);
        this.#listener.unseen(this.drop(loginId, "all"));
    }
  }

  /** No login sees any ghost any more. */
  override clear(): void {
    for (const timer of this.#ends.values()) timer.cancel();
    super.clear();
  }

  #dropAfter(loginId: number, ms: number): void {
    this.#ends.get(loginId)?.cancel();
    const timer = this.#clock.after(ms, () => {
      this.#ends.delete(loginId);
      this.#listener.unseen(this.drop(loginId, "stale"));
    });
    this.#ends.set(loginId, timer);
  }
}
