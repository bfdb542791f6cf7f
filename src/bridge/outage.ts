import type { LoginRow } from "../store/logins.ts";
import { later, type Clock } from "../util/clock.ts";
import type { Topic } from "./notices.ts";
import { backAgain, givenUp, isDown } from "./sentences.ts";
import type { Network, SessionState } from "./session.ts";

export interface OutageOptions {
  readonly row: LoginRow;
  readonly network: Network;
  /** Tells the owner something; what is about the same as before replaces it. */
  readonly tellOwner: (sentence: string, topic?: Topic) => void;
  /** Whether something was said about a thing that is not over, by an earlier run too. */
  readonly hasTold: (about: string) => boolean;
  readonly clock: Clock;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// Connections break all the time, and are back in seconds.
const PATIENCE_MS = 3 * 60_000;

/** Tells the owner of a login that its connection is down: once for each outage, and only if it lasts. */
export class Outage {
  readonly #options: OutageOptions;
  readonly #about: string;
  /** Since when there is no connection, in milliseconds since the epoch. */
  #since: number | undefined;
  #reason = "";

  constructor(options: OutageOptions) {
    this.#options = options;
    this.#about = `outage/${options.row.id}`;
  }

  /** What the session does now. */
  see(state: SessionState): void {
    // When the bridge stops nobody has to be told that accounts are signed out.
    if (this.#options.signal.aborted) return;
    switch (state.type) {
      case "waiting":
        this.#reason = state.error.message;
        return this.#begin();
      case "connecting":
        return this.#begin();
      case "connected":
        return this.#end(backAgain);
      case "stopped":
      case "logged-out":
        return this.#end(givenUp);
    }
  }

  #begin(): void {
    if (this.#since !== undefined) return;
    const { clock, signal } = this.#options;
    const since = clock.now();
    this.#since = since;
    later(clock, PATIENCE_MS, signal, () => {
      if (this.#since === since) this.#tell(isDown(since, this.#reason));
    });
  }

  #end(sentence: (until: number) => string): void {
    const { clock, hasTold } = this.#options;
    this.#since = undefined;
    this.#reason = "";
    if (hasTold(this.#about)) this.#tell(sentence(clock.now()), true);
  }

  #tell(sentence: string, isLast = false): void {
    const { row, network, tellOwner } = this.#options;
    tellOwner(`${row.passport} on ${network.name}: ${sentence}`, { about: this.#about, isLast });
  }
}
