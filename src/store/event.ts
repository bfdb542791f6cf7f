import { z } from "zod";

// A homeserver takes no event of more than 64 KiB (Matrix spec, "Size limits"); what it adds on the way is far less
// than the rest.
const MAX_EVENT_BYTES = 256 * 1024;

// Ids of up to 255 bytes (Matrix spec, "Size limits"), and nothing that SQLite would not give back as it was.
const id = z.string().refine((value) => value !== "" && Buffer.byteLength(value) <= 255 && value.isWellFormed());

const fields = z.object({ event_id: id, room_id: id, type: z.string() });

/** What the journal keeps of an event from the homeserver: its JSON text, or why it could not be read. */
export interface JournalEvent {
  eventId: string | null;
  roomId: string | null;
  content: { json: string } | { unreadable: string };
}

/** Reads as much of an event as the journal needs. Never throws: one bad event must not stop those around it. */
export function readEvent(event: unknown): JournalEvent {
  const ids = { eventId: field(event, "event_id"), roomId: field(event, "room_id") };
  if (typeof event !== "object" || event === null || Array.isArray(event)) {
    return { ...ids, content: { unreadable: "it is not a JSON object" } };
  }
  const wrong = fields.safeParse(event).error?.issues.map(({ path }) => path.join("."));
  if (wrong !== undefined) return { ...ids, content: { unreadable: `it has no usable ${wrong.join(", ")}` } };
  const json = toJson(event);
  if (json === undefined) return { ...ids, content: { unreadable: "it cannot be written as JSON" } };
  if (Buffer.byteLength(json) > MAX_EVENT_BYTES) return { ...ids, content: { unreadable: "it is too large" } };
  return { ...ids, content: { json } };
}

/** `value` as JSON text; undefined when it has none, for instance because it is nested too deeply. */
export function toJson(value: unknown): string | undefined {
  try {
    const json: unknown = JSON.stringify(value);
    return typeof json === "string" ? json : undefined;
  } catch {
    return undefined;
  }
}

function field(event: unknown, name: "event_id" | "room_id"): string | null {
  return z.object({ [name]: id }).safeParse(event).data?.[name] ?? null;
}
