import { z } from "zod";
import { withoutReplyFallback, type IsReply } from "./quote.ts";

/** How an event stands to another one. */
export type Relation =
  | { readonly type: "reply"; readonly eventId: string }
  | { readonly type: "reaction"; readonly eventId: string; readonly key: string }
  | { readonly type: "edit"; readonly eventId: string; readonly content: Record<string, unknown> };

const relation = z.object({
  rel_type: z.string().optional().catch(undefined),
  event_id: z.string().optional().catch(undefined),
  key: z.string().optional().catch(undefined),
  is_falling_back: z.boolean().optional().catch(undefined),
  "m.in_reply_to": z.object({ event_id: z.string() }).optional().catch(undefined),
});
const record = z.record(z.string(), z.unknown());

/** What the content of an event says about its relation to another event; undefined if it stands for itself. */
export function relationOf(type: string, content: Record<string, unknown>): Relation | undefined {
  const read = readRelation(content);
  if (read === undefined) return undefined;
  const { event_id: eventId, rel_type: kind, key } = read;
  if (type === "m.reaction")
    return eventId === undefined || key === undefined ? undefined : { type: "reaction", eventId, key };
  if (kind === "m.replace" && eventId !== undefined) return { type: "edit", eventId, content: newContent(content) };
  // In a thread this may only be there for clients that know no threads.
  const answered = read.is_falling_back === true ? undefined : read["m.in_reply_to"]?.event_id;
  return answered === undefined ? undefined : { type: "reply", eventId: answered };
}

/** Whether a client may have put what an event answers before what it says. */
export function isReplyIn(type: string, content: Record<string, unknown>): IsReply {
  if (relationOf(type, content)?.type === "reply") return true;
  // What stands last in a thread is answered only for clients that know no threads, and quoted by some for them, too.
  return readRelation(content)?.["m.in_reply_to"] === undefined ? false : "unknown";
}

function readRelation(content: Record<string, unknown>): z.output<typeof relation> | undefined {
  const related = content["m.relates_to"];
  // Most messages have none, and to say why that is no relation costs far more than to see it.
  return related === undefined ? undefined : relation.safeParse(related).data;
}

// Who does not know the new content shows the old form, which begins with a star, before or behind what it answers.
function newContent(content: Record<string, unknown>): Record<string, unknown> {
  const { body, msgtype } = content;
  const read = record.safeParse(content["m.new_content"]).data;
  // Without it, what bots say would look like what people say.
  if (read !== undefined) return { ...(msgtype !== undefined && { msgtype }), ...read };
  const plain = Object.entries(content).filter(([key]) => key !== "formatted_body" && key !== "m.relates_to");
  return { ...Object.fromEntries(plain), ...(typeof body === "string" && { body: withoutStar(body) }) };
}

const STAR = /^ ?\* /u;

function withoutStar(body: string): string {
  return withoutReplyFallback(body.replace(STAR, ""), "unknown").replace(STAR, "");
}

/** The key of a reaction without the sign that asks for the coloured form: clients add it, or leave it out. */
export function bareKey(key: string): string {
  return key.replaceAll("\u{fe0f}", "");
}
