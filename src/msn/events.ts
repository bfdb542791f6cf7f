import type { MsnError } from "./base/errors.ts";
import type { ChatEvent } from "./chat/events.ts";
import type { ContactEvent } from "./contacts/events.ts";
import type { NoticeEvent } from "./session/server-messages.ts";
import type { FileEvent } from "./transfer/transfers.ts";

/** Hears everything that an MsnClient reports. What it throws ends nothing there: it becomes an uncaught exception. */
export interface MsnListener {
  onEvent(event: MsnEvent): void;
}

/** Everything that an MsnClient reports, in the order in which it happened. Accounts are lower case. */
export type MsnEvent =
  | ChatEvent
  | ContactEvent
  | FileEvent
  | NoticeEvent
  /** The session has ended without our doing. Conversations may go on; `connect` starts a new session. */
  | { readonly type: "closed"; readonly error: MsnError };
