import type { Conversation, MsnClient } from "../../msn/index.ts";

/** Whom something is for: a contact, or a conversation that is to be found among those of the session's client. */
export type Target = string | ((client: MsnClient) => Conversation);

/** @throws MsnError when there can be no such conversation */
export function conversationOf(client: MsnClient, target: Target): Conversation {
  return typeof target === "string" ? client.conversation(target) : target(client);
}
