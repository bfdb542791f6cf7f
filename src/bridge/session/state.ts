import type { DialectName, Fetch, MsnError, MsnServer } from "../../msn/index.ts";

/** What the session of a login is doing. `since` and `until` are moments of the clock. */
export type SessionState =
  /** The user logged out; nothing happens until they log in again. */
  | { readonly type: "logged-out" }
  | { readonly type: "connecting" }
  | { readonly type: "connected"; readonly since: number }
  /** The connection failed; another try follows. */
  | { readonly type: "waiting"; readonly error: MsnError; readonly until: number }
  /** The bridge itself cannot have a connection; it signs in again once it can. */
  | { readonly type: "hindered"; readonly error: MsnError }
  /** Ended for good, until the user does something. */
  | { readonly type: "stopped"; readonly error: MsnError };

/** A state in which nothing is tried. */
export type RestState = Extract<SessionState, { type: "logged-out" | "hindered" }>;

/** Whether a session is wanted and there is none. */
export function isDown({ type }: SessionState): boolean {
  return type === "connecting" || type === "waiting" || type === "hindered";
}

/** One MSN network of the configuration. */
export interface Network extends MsnServer {
  readonly id: string;
  readonly name: string;
  /** The version of the protocol that is spoken there. */
  readonly dialect: DialectName;
  /** Whether it refuses those who open conversations, or sign in, too quickly. */
  readonly throttles: boolean;
  /** Trusts the authority of its login service; not given where that is one of those that all trust. */
  readonly fetch?: Fetch;
}
