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

const message = z.object({
  type: z.literal("m.room.message"),
  content: z.object({ msgtype: z.string(), body: z.string() }),
});
const reaction = z.object({
  content: z.object({ "m.relates_to": z.object({ event_id: z.string(), key: z.string() }) }),
});
const typed = z.object({ type: z.string() });

const RETRY_KEY = "🔁";

const ONLY_TEXT = "This bridge carries only text so far, so your contact did not get this.";
const ENCRYPTED =
  "This bridge cannot read encrypted messages, so your contact gets none of those you write here. Leave this room and " +
  "ask the bot to start the chat again, without encryption.";

/** Reads an event that the owner of a portal sent into it. */
export function toMsn(event: unknown): Crossing {
  const read = message.safeParse(event);
  if (read.success) return messageToMsn(read.data.content);
  switch (typed.safeParse(event).data?.type) {
    case "m.room.message":
      // A redacted or broken message: there is nothing to send.
      return { type: "ignore" };
    case "m.room.encrypted":
      return { type: "refuse", sentence: ENCRYPTED, once: "encrypted" };
    case "m.reaction":
      return reactionToMsn(event);
    case "m.sticker":
    case "m.poll.start":
    case "org.matrix.msc3381.poll.start":
      return { type: "refuse", sentence: ONLY_TEXT };
    default:
      return { type: "ignore" };
  }
}

// MSN knows no reactions. One of them is for the bridge.
function reactionToMsn(event: unknown): Crossing {
  const read = reaction.safeParse(event).data?.content["m.relates_to"];
  if (read?.key.replace("\u{fe0f}", "") !== RETRY_KEY) return { type: "ignore" };
  return { type: "retry", eventId: read.event_id };
}

function messageToMsn({ msgtype, body }: { msgtype: string; body: string }): Crossing {
  switch (msgtype) {
    case "m.text":
      if (body === "") return { type: "ignore" };
      return { type: "send", contents: textContents(body) };
    case "m.notice":
      // Notices are what bots say; sending them on lets bots talk to bots.
      return { type: "ignore" };
    default:
      return { type: "refuse", sentence: ONLY_TEXT };
  }
}
