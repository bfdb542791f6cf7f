import { cleanText } from "../../convert/text/clean.ts";
import { portalMessage, type PortalMessage, type ShownMessage } from "../../convert/to-matrix.ts";
import type { OpenRow } from "../../store/journal-row.ts";

/** What a row holds that could not be shown; undefined where that is what is wrong with it. */
export function readMessage(body: OpenRow["body"]): PortalMessage | undefined {
  try {
    return portalMessage.parse(body());
  } catch {
    return undefined;
  }
}

/** What a contact said, if it can be said in a sentence. */
export function wordsOf(message: ShownMessage): string | undefined {
  return message.type === "text" || message.type === "emote" ? cleanText(message.text) : undefined;
}
