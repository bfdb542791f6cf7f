import type { Conversation, MsnClient } from "../../msn/index.ts";

/** Whom something is for. */
export interface Target {
  /** The conversation with them, among those of the session's client. @throws MsnError when there can be none */
  conversationOn(client: MsnClient): Conversation;
}
