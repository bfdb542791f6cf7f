import type { Content } from "./chat/content.ts";
import type { Status } from "./dialect/dialect.ts";
import type { Notice } from "./session/notices.ts";
import type { RosterChange } from "./contacts/roster.ts";
import type { MsnError } from "./base/errors.ts";
import type { FileReceive } from "./transfer/file-receive.ts";

/** Everything that an MsnClient reports, in the order in which it happened. Accounts are lower case. */
export type MsnEvent =
  /** Somebody said something to us, in a group if one is named. */
  | {
      readonly type: "content";
      readonly account: string;
      readonly name: string;
      readonly content: Content;
      readonly group: string | undefined;
    }
  /** Somebody offers us a file, in a conversation of two; only where `files` is among the client's options. */
  | { readonly type: "file"; readonly account: string; readonly name: string; readonly offer: FileReceive }
  /** Somebody has come to a group. The first who are reported of a group that is new make it. */
  | { readonly type: "joined"; readonly group: string; readonly account: string; readonly name: string }
  /**
   * Somebody has left a group, or her client has. Quietly: the server removed her for being idle, or the switchboard has
   * closed; for people the chat goes on.
   */
  | { readonly type: "left"; readonly group: string; readonly account: string; readonly quietly: boolean }
  /** A contact's status or name, as her server sees it now. */
  | { readonly type: "presence"; readonly account: string; readonly status: Status; readonly name: string }
  /** The name under which somebody came to a conversation. */
  | { readonly type: "name"; readonly account: string; readonly name: string }
  /** Somebody has us on her list and waits for our decision (docs/msnp.md 3.3). */
  | { readonly type: "request"; readonly account: string; readonly name: string }
  /** Something else about contacts, groups or settings has changed. */
  | { readonly type: "roster"; readonly change: RosterChange }
  /** Mail, maintenance, the profile: what the server tells beside contacts. */
  | { readonly type: "notice"; readonly notice: Notice }
  /** The session has ended without our doing. Conversations may go on; `connect` starts a new session. */
  | { readonly type: "closed"; readonly error: MsnError };
