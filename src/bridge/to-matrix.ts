import { z } from "zod";

/** What waits in the journal to be shown in a portal: what a contact said, or what the bridge has to say there. */
export const portalMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("notice"), text: z.string(), replyTo: z.string().optional() }),
]);
export type PortalMessage = z.output<typeof portalMessage>;

/** The key in the content of our events that says which journal row they are; see `keyOf`. */
const ROW_KEY = "matrix-appservice-msn.row";

/**
 * The content of the `m.room.message` for a message.
 * @param key identifies the journal row, so that the event can be recognised after a crash
 */
export function toMatrix(message: PortalMessage, key: string): Record<string, unknown> {
  const body = withoutControls(message.text);
  switch (message.type) {
    case "text":
      return { msgtype: "m.text", body, [ROW_KEY]: key };
    case "notice": {
      const reply = message.replyTo && { "m.relates_to": { "m.in_reply_to": { event_id: message.replyTo } } };
      return { msgtype: "m.notice", body, [ROW_KEY]: key, ...reply };
    }
  }
}

const keyed = z.object({ content: z.object({ [ROW_KEY]: z.string() }) });

/** The journal key in an event of ours, if it has one. */
export function keyOf(event: unknown): string | undefined {
  return keyed.safeParse(event).data?.content[ROW_KEY];
}

/** A name as Matrix may show it. Names hold line breaks and colour codes of old clients (docs/msnp.md 1.4). */
export function plainName(name: string): string {
  return name
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 200)
    .toWellFormed();
}

// Control characters other than line ends and tabs come from old clients' formatting codes.
function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, "").toWellFormed();
}
