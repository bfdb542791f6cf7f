import type { Clock } from "../../util/clock.ts";
import type { MsnLog } from "./log.ts";

/** What every part of a client needs. */
export interface MsnScope {
  /** The e-mail address of the account, as it was registered. */
  readonly account: string;
  readonly clock: Clock;
  readonly log: MsnLog;
}
