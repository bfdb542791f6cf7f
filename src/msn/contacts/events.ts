import type { RosterChange } from "../dialect/roster-change.ts";
import type { Status } from "../base/status.ts";

/** What is reported of contacts. Accounts are lower case. */
export type ContactEvent =
  /** A contact's status or name, as the server sees it now. */
  | { readonly type: "presence"; readonly account: string; readonly status: Status; readonly name: string }
  /** An account has us on its list and waits for our decision (docs/msnp.md 3.3). */
  | { readonly type: "request"; readonly account: string; readonly name: string }
  /** Something else about contacts, groups or settings has changed. */
  | { readonly type: "roster"; readonly change: RosterChange };
