import type { MsnError } from "../base/errors.ts";
import type { Content } from "../content/content.ts";

/** What conversations report. Accounts are lower case. */
export type ChatEvent =
  /** A contact said something to us, in a group if one is named. */
  | {
      readonly type: "content";
      readonly account: string;
      readonly name: string;
      readonly content: Content;
      readonly group: string | undefined;
    }
  /** A member has come to a group. The first who are reported of a group that is new make it. */
  | { readonly type: "joined"; readonly group: string; readonly account: string; readonly name: string }
  /**
   * A member has left a group, or their client has. Quietly: the server removed them for being idle, or the switchboard has
   * closed; for people the chat goes on.
   */
  | { readonly type: "left"; readonly group: string; readonly account: string; readonly quietly: boolean }
  /** A contact called us, and for a reason of our own we did not go there. What they say there is lost. */
  | { readonly type: "missed-call"; readonly account: string; readonly error: MsnError }
  /** The name under which a member came to a conversation. */
  | { readonly type: "name"; readonly account: string; readonly name: string };
