import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { readMatrixEvent, withContent, withUnsigned, type EventOf, type MatrixEvent } from "./matrix-event.ts";
import { cleanText } from "./text/clean.ts";
import { replyFallbackOf } from "./text/quote.ts";

type Content = Readonly<Record<string, unknown>>;

/** Whether an event may change another one, and there is something that it can change. */
export function isEditOf(edit: MatrixEvent, original: MatrixEvent): edit is EventOf<"edit"> {
  return mayReplace(edit, original) && !isDeleted(original);
}

/**
 * Whether an event may change another one (Matrix spec, Client-Server API, "Validity of replacement events"). One without
 * `m.new_content` may: it says in its body what it wants, and was meant.
 */
export function mayReplace(edit: MatrixEvent, original: MatrixEvent): edit is EventOf<"edit"> {
  const canBe = original.kind === "message" || original.kind === "reaction" || original.kind === "other";
  return (
    edit.kind === "edit" &&
    edit.target === original.id &&
    canBe &&
    edit.sender === original.sender &&
    edit.type === original.type &&
    edit.roomId === original.roomId
  );
}

/** Whether there is nothing in an event any more, because it was deleted. */
export function isDeleted({ content }: MatrixEvent): boolean {
  return Object.keys(content).length === 0;
}

/** An event as it would be if it had held what an edit of it says. */
export function corrected(original: MatrixEvent, edit: EventOf<"edit">): MatrixEvent {
  // An edit never changes what a message is an answer to (Matrix spec, "Event replacements").
  const { "m.relates_to": relatesTo } = original.content;
  const content = withFile(original.content, withoutNewFallback(original.content, edit.newContent));
  return withContent(original, {
    ...without(content, "m.relates_to"),
    ...(relatesTo !== undefined && { "m.relates_to": relatesTo }),
  });
}

// Some clients put what a message answers before an edit of it, too. What stood there before was written by a user.
function withoutNewFallback(before: Content, after: Content): Content {
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
function withFile(before: Content, after: Content): Content {
  const { body, filename = body, info } = before;
  const hasFile = (content: Content): boolean => FILE_KEYS.some((key) => content[key] !== undefined);
  if (before["msgtype"] !== after["msgtype"] || !hasFile(before)) return after;
  if (!hasFile(after)) return { url: before["url"], file: before["file"], info, filename, ...after };
  const isSame = FILE_KEYS.every((key) => isDeepStrictEqual(before[key], after[key]));
  return isSame && before["filename"] !== undefined ? { filename, ...after } : after;
}

/** Whether two events hold the same file, or files. */
export function isSameFile({ content: one }: MatrixEvent, { content: other }: MatrixEvent): boolean {
  return ["url", "file", "itemtypes"].every((key) => isDeepStrictEqual(one[key], other[key]));
}

/** Which of some edits counts: the latest, of equal ones that with the greater id (Matrix spec, "Event replacements"). */
export function latestEdit(original: MatrixEvent, edits: readonly MatrixEvent[]): EventOf<"edit"> | undefined {
  const valid = edits.filter((edit) => isEditOf(edit, original));
  return valid.toSorted((one, other) => order(one, other)).at(-1);
}

/** Below 0 where one edit is older than another. */
export function order(one: MatrixEvent, other: MatrixEvent): number {
  return one.sentAt - other.sentAt || (one.id < other.id ? -1 : Number(one.id > other.id));
}

const relations = z.object({ "m.relations": z.object({ "m.replace": z.looseObject({ event_id: z.string() }) }) });

/** What a homeserver says with an event about the edit that counts: the edit, by older ones nothing but its id. */
export function bundledEdit(event: MatrixEvent): EventOf<"edit"> | { readonly id: string } | undefined {
  const bundled = relations.safeParse(event.unsigned).data?.["m.relations"]["m.replace"];
  if (bundled === undefined) return undefined;
  const edit = readMatrixEvent(bundled, event.roomId);
  return edit !== undefined && isEditOf(edit, event) ? edit : { id: bundled.event_id };
}

// Where the journal keeps with an event what has been edited in it since.
const KEPT = "matrix-appservice-msn.edits";

/** An event with an edit of it; without, those before it are forgotten. */
export function withEdit(event: MatrixEvent, edit: MatrixEvent, isOnly = false): MatrixEvent {
  return withKept(event, isOnly ? [edit] : [...keptEdits(event), edit]);
}

/** An event without one of its edits. */
export function withoutEdit(event: MatrixEvent, editId: string): MatrixEvent {
  return withKept(
    event,
    keptEdits(event).filter((edit) => edit.id !== editId),
  );
}

/** What an event says now that has been kept with its edits. */
export function editedEvent(event: MatrixEvent): MatrixEvent {
  const last = latestEdit(event, keptEdits(event));
  return last === undefined ? event : corrected(withKept(event, []), last);
}

const list = z.array(z.unknown()).catch([]);

function keptEdits(event: MatrixEvent): readonly MatrixEvent[] {
  return list.parse(event.unsigned[KEPT]).flatMap((edit) => readMatrixEvent(edit, event.roomId) ?? []);
}

function withKept(event: MatrixEvent, edits: readonly MatrixEvent[]): MatrixEvent {
  const unsigned = without(event.unsigned, KEPT);
  return withUnsigned(
    event,
    edits.length === 0 ? unsigned : { ...unsigned, [KEPT]: edits.map(({ source }) => source) },
  );
}

function without(from: Content, key: string): Content {
  return Object.fromEntries(Object.entries(from).filter(([one]) => one !== key));
}
