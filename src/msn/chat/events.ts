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
  /** The name under which a member came to a conversation. */
  | { readonly type: "name"; readonly account: string; readonly name: string };
