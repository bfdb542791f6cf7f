import { z } from "zod";
import { textContents, type OutgoingContent } from "../msn/index.ts";

/** What an event of a portal means for MSN. */
export type Crossing =
  | { readonly type: "send"; readonly contents: readonly OutgoingContent[] }
  /** It cannot cross; the person is told why. */
  | { readonly type: "refuse"; readonly sentence: string; readonly once?: "encrypted" }
  /** Something that was not delivered is to be sent again. */
  | { readonly type: "retry"; readonly eventId: string }
  /** There is nothing in it for the contact, and nobody expects it to cross. */
  | { readonly type: "ignore" };

const message = z.object({ msgtype: z.string(), body: z.string() });
const reaction = z.object({ "m.relates_to": z.object({ event_id: z.string(), key: z.string() }) });
const typed = z.object({
  type: z.string(),
  state_key: z.never().optional(),
  content: z.record(z.string(), z.unknown()).catch({}),
});

const RETRY_KEY = "🔁";

const ONLY_TEXT = "This bridge carries only text so far, so your contact did not get this.";
const NO_CALLS =
  "This bridge cannot carry calls, so your contact does not know that you called. Write to them, or call another way.";
const ENCRYPTED =
  "This bridge cannot read encrypted messages, so your contact gets none of those you write here. Leave this room and " +
  "ask the bot to start the chat again, without encryption.";

// Events of their own that are messages in other forms: with the prefixes under which they are proposed, too (MSC1767
// and those that build on it).
const OTHER_MESSAGE =
  /^(?:m|org\.matrix\.msc\d+)\.(?:message|text|emote|image|file|video|audio|voice|location|sticker|poll\.start)(?:\.v\d+)?$/u;
// The second two are how newer clients ring.
const CALL = /^(?:m\.call\.invite|(?:m|org\.matrix\.msc4075)\.rtc\.notification)$/u;

/** Reads an event that the owner of a portal sent into it. */
export function toMsn(event: unknown): Crossing {
  const read = typed.safeParse(event).data;
  if (read === undefined) return { type: "ignore" };
  const { type, content } = read;
  if (type === "m.room.encrypted") return { type: "refuse", sentence: ENCRYPTED, once: "encrypted" };
  // Redacted: there is nothing in it any more.
  if (Object.keys(content).length === 0) return { type: "ignore" };
  if (type === "m.room.message") return messageToMsn(content);
  if (type === "m.reaction") return reactionToMsn(content);
  if (CALL.test(type)) return { type: "refuse", sentence: NO_CALLS };
  return OTHER_MESSAGE.test(type) ? { type: "refuse", sentence: ONLY_TEXT } : { type: "ignore" };
}

// MSN knows no reactions. One of them is for the bridge.
function reactionToMsn(content: Record<string, unknown>): Crossing {
  const read = reaction.safeParse(content).data?.["m.relates_to"];
  if (read?.key.replace("\u{fe0f}", "") !== RETRY_KEY) return { type: "ignore" };
  return { type: "retry", eventId: read.event_id };
}

function messageToMsn(content: Record<string, unknown>): Crossing {
  // Notices are what bots say; sending them on lets bots talk to bots.
  if (content["msgtype"] === "m.notice") return { type: "ignore" };
  const read = message.safeParse(content).data;
  if (read?.msgtype !== "m.text") return { type: "refuse", sentence: ONLY_TEXT };
  return read.body === "" ? { type: "ignore" } : { type: "send", contents: textContents(read.body) };
}
