import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { cleanText } from "./text/clean.ts";
import { replyFallbackOf } from "./text/quote.ts";
import { relationOf } from "./text/relations.ts";

const record = z.record(z.string(), z.unknown());
const typed = z.looseObject({
  type: z.string(),
  event_id: z.string().optional().catch(undefined),
  room_id: z.string().optional().catch(undefined),
  sender: z.string().optional().catch(undefined),
  origin_server_ts: z.number().catch(0),
  state_key: z.never().optional(),
  redacts: z.string().optional().catch(undefined),
  unsigned: record.optional().catch(undefined),
  content: record.catch({}),
});

/** What an event changes: the text of another, or whether there is another at all. */
export function changeOf(
  event: unknown,
): { readonly type: "edit" | "redaction"; readonly eventId: string } | undefined {
  const read = typed.safeParse(event).data;
  if (read === undefined) return undefined;
  const { type, content, redacts = content["redacts"] } = read;
  if (type === "m.room.redaction")
    return typeof redacts === "string" ? { type: "redaction", eventId: redacts } : undefined;
  const relation = relationOf(type, content);
  return relation?.type === "edit" ? { type: "edit", eventId: relation.eventId } : undefined;
}

/**
 * Whether an event may change another one (Matrix spec, Client-Server API, "Validity of replacement events"). One without
 * `m.new_content` may: it says in its body what it wants, and was meant.
 */
export function isEditOf(edit: unknown, original: unknown): boolean {
  const [before, after] = [typed.safeParse(original).data, typed.safeParse(edit).data];
  if (before === undefined || after === undefined) return false;
  const isOfIt = changeOf(edit)?.type === "edit" && changeOf(edit)?.eventId === before.event_id;
  const canBe = changeOf(original) === undefined && !isDeleted(original);
  const isSame = before.sender === after.sender && before.type === after.type;
  // Where an event comes with its room, its room is not always named in it.
  const isInRoom = before.room_id === undefined || after.room_id === undefined || before.room_id === after.room_id;
  return isOfIt && canBe && isSame && isInRoom;
}

/** Whether there is nothing in an event any more, because it was deleted. */
export function isDeleted(event: unknown): boolean {
  return Object.keys(typed.safeParse(event).data?.content ?? {}).length === 0;
}

/** An event as it would be if it had held what an edit of it says. */
export function corrected(original: unknown, edit: unknown): unknown {
  const [before, after] = [typed.parse(original), typed.parse(edit)];
  const relation = relationOf(after.type, after.content);
  if (relation?.type !== "edit") return original;
  // An edit never changes what a message is an answer to (Matrix spec, "Event replacements").
  const { "m.relates_to": relatesTo } = before.content;
  const content = withFile(before.content, withoutNewFallback(before.content, relation.content));
  return {
    ...before,
    content: { ...without(content, "m.relates_to"), ...(relatesTo !== undefined && { "m.relates_to": relatesTo }) },
  };
}

// Some clients put what a message answers before an edit of it, too. What stood there before, somebody has written.
function withoutNewFallback(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const { body } = after;
  if (typeof body !== "string") return after;
  const text = cleanText(body);
  const fallback = replyFallbackOf(text);
  if (fallback === "" || (typeof before["body"] === "string" && cleanText(before["body"]).startsWith(fallback)))
    return after;
  return { ...after, body: text.slice(fallback.length) };
}

const FILE_KEYS = ["url", "file"] as const;

// Some clients leave the file out of an edit of the words that are said with it, or its name, without which those words
// would be the name (Matrix spec, "Media captions").
function withFile(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const { body, filename = body, info } = before;
  const hasFile = (content: Record<string, unknown>): boolean => FILE_KEYS.some((key) => content[key] !== undefined);
  if (before["msgtype"] !== after["msgtype"] || !hasFile(before)) return after;
  if (!hasFile(after)) return { url: before["url"], file: before["file"], info, filename, ...after };
  const isSame = FILE_KEYS.every((key) => isDeepStrictEqual(before[key], after[key]));
  return isSame && before["filename"] !== undefined ? { filename, ...after } : after;
}

/** Whether two events hold the same file, or files. */
export function isSameFile(one: unknown, other: unknown): boolean {
  const [a, b] = [typed.parse(one).content, typed.parse(other).content];
  return ["url", "file", "itemtypes"].every((key) => isDeepStrictEqual(a[key], b[key]));
}

/** Which of some edits counts: the latest, of equal ones that with the greater id (Matrix spec, "Event replacements"). */
export function latestEdit(original: unknown, edits: readonly unknown[]): unknown {
  const valid = edits.filter((edit) => isEditOf(edit, original)).toSorted((one, other) => order(one, other));
  return valid.at(-1);
}

/** Below 0 where one edit is older than another. */
export function order(one: unknown, other: unknown): number {
  const [a, b] = [typed.parse(one), typed.parse(other)];
  const [idA = "", idB = ""] = [a.event_id, b.event_id];
  return a.origin_server_ts - b.origin_server_ts || (idA < idB ? -1 : Number(idA > idB));
}

const bundle = z.object({ "m.relations": z.object({ "m.replace": z.looseObject({ event_id: z.string() }) }) });

/** What a homeserver says with an event about the edit that counts: the edit, by older ones nothing but its id. */
export function bundledEdit(event: unknown): { readonly event_id: string } | undefined {
  return bundle.safeParse(typed.safeParse(event).data?.unsigned).data?.["m.relations"]["m.replace"];
}

// Where the journal keeps with an event what has been edited in it since.
const KEPT = "matrix-appservice-msn.edits";

/** An event with an edit of it; without, those before it are forgotten. */
export function withEdit(event: unknown, edit: unknown, isOnly = false): unknown {
  return withKept(event, isOnly ? [edit] : [...keptEdits(event), edit]);
}

/** An event without one of its edits. */
export function withoutEdit(event: unknown, editId: string): unknown {
  return withKept(
    event,
    keptEdits(event).filter((edit) => headOf(edit)?.event_id !== editId),
  );
}

/** What an event says now that has been kept with its edits. */
export function editedEvent(event: unknown): unknown {
  const last = latestEdit(event, keptEdits(event));
  return last === undefined ? event : corrected(withKept(event, []), last);
}

/** What kind of event it is, and who sent it. */
export function headOf(event: unknown): Pick<z.output<typeof typed>, "event_id" | "type" | "sender"> | undefined {
  return typed.safeParse(event).data;
}

function keptEdits(event: unknown): readonly unknown[] {
  return z.array(z.unknown()).safeParse(typed.safeParse(event).data?.unsigned?.[KEPT]).data ?? [];
}

function withKept(event: unknown, edits: readonly unknown[]): unknown {
  const read = typed.parse(event);
  const unsigned = without(read.unsigned ?? {}, KEPT);
  return { ...read, unsigned: edits.length === 0 ? unsigned : { ...unsigned, [KEPT]: edits } };
}

function without(from: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([one]) => one !== key));
}
