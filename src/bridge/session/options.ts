import type { FileOptions, Status } from "../../msn/index.ts";
import type { LoginRow } from "../../store/logins.ts";
import type { Clock } from "../../util/clock.ts";
import type { Limiter } from "../../util/limiter.ts";
import type { Log } from "../../util/log.ts";
import type { RateLimit } from "../../util/rate-limit.ts";
import type { SessionEvent } from "./event.ts";
import type { Network, SessionState } from "./state.ts";

export interface SessionOptions {
  readonly row: LoginRow;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets only so many sessions be opened at the same time. */
  readonly limiter: Limiter;
  /** Paces the tries of all accounts to sign in on the network; not given where there is only one. */
  readonly turns?: RateLimit | undefined;
  /** Paces the conversations that are opened on the network; not given where it does not throttle. */
  readonly bucket?: RateLimit | undefined;
  /** How files are carried; none are if not given. */
  readonly fileOptions?: FileOptions | undefined;
  /** The status to sign in with. */
  readonly wantedStatus: () => Status;
  readonly onEvent: (event: SessionEvent) => void;
  /** Called whenever the state has changed. */
  readonly onState: (state: SessionState) => void;
  /** Tells the owner something that she has to know. */
  readonly tellOwner: (sentence: string) => void;
}
