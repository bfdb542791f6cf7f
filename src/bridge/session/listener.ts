import type { Status } from "../../msn/index.ts";
import type { SessionEvent } from "./event.ts";
import type { SessionState } from "./state.ts";

/** Hears what comes from MSN, and what becomes of the session. */
export interface SessionListener {
  /** Never throws: it is called by the connection's reader. */
  onEvent(event: SessionEvent): void;
  /** The state has changed. */
  onState(state: SessionState): void;
}

/** Knows the status in which the account is to sign in. */
export interface StatusSource {
  /** Resolves once that can be known. */
  prepare(): Promise<void>;
  /** @param shown what contacts see now */
  statusAfter(shown: Status): Status;
}
