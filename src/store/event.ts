// A homeserver takes no event of more than 64 KiB (Matrix spec, "Size limits"); what it adds on the way is far less
// than the rest.
const MAX_EVENT_BYTES = 256 * 1024;
// A hundred times what anybody means; what walks through content is not to be led into the depths.
const MAX_DEPTH = 100;

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

/** What the journal keeps of an event from the homeserver: its JSON text, or why it could not be read. */
export interface JournalEvent {
  eventId: string | null;
  roomId: string | null;
  content: { json: string } | { unreadable: string };
}

/** Reads as much of an event as the journal needs. Never throws: one bad event must not stop those around it. */
export function readEvent(event: unknown): JournalEvent {
  if (!isObject(event)) return { eventId: null, roomId: null, content: { unreadable: "it is not a JSON object" } };
  const { event_id: eventId, room_id: roomId, type } = event;
  const ids = { eventId: isId(eventId) ? eventId : null, roomId: isId(roomId) ? roomId : null };
  const isUsable = { event_id: ids.eventId !== null, room_id: ids.roomId !== null, type: typeof type === "string" };
  const wrong = Object.entries(isUsable).flatMap(([name, isGood]) => (isGood ? [] : name));
  if (wrong.length > 0) return { ...ids, content: { unreadable: `it has no usable ${wrong.join(", ")}` } };
  const json = toJson(event);
  if (json === undefined) return { ...ids, content: { unreadable: "it cannot be written as JSON" } };
  if (Buffer.byteLength(json) > MAX_EVENT_BYTES) return { ...ids, content: { unreadable: "it is too large" } };
  if (depthOf(json) > MAX_DEPTH) return { ...ids, content: { unreadable: "it is nested too deeply" } };
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

/** How deeply JSON text is nested. */
function depthOf(json: string): number {
  // Nothing shorter can be too deep.
  if (json.length < 2 * MAX_DEPTH) return 0;
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json.charCodeAt(at);
    if (isText) {
      if (sign === BACKSLASH) at += 1;
      else if (sign === QUOTE) isText = false;
    } else if (sign === QUOTE) isText = true;
    else if (sign === OPEN_BRACE || sign === OPEN_BRACKET) deepest = Math.max(deepest, (depth += 1));
    else if (sign === CLOSE_BRACE || sign === CLOSE_BRACKET) depth -= 1;
  }
  return deepest;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Ids of up to 255 bytes (Matrix spec, "Size limits"), and nothing that SQLite would not give back as it was.
function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && Buffer.byteLength(value) <= 255 && value.isWellFormed();
}
