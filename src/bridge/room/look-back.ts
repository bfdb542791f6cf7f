import type { Calendar } from "../../util/calendar.ts";
import { sentUnder, type UserIntent } from "../../matrix/client/intent.ts";
import { readMatrixEvent, type MatrixEvent } from "../../convert/matrix-event.ts";
import { keyOf } from "../../convert/to-matrix.ts";

/** Something of ours that may have been sent already. */
export interface Sought {
  /** The key in its content. */
  readonly key: string;
  /** When it was promised; it was sent later than that. */
  readonly since: Date;
}

/** Where it was found to be: `unknown` if the room has had too many events since to say. */
export type Finding =
  { readonly type: "found"; readonly eventId: string } | { readonly type: "absent" } | { readonly type: "unknown" };

const PAGE_EVENTS = 100;
// Five thousand events: more than users write while a bridge is away, and seconds for the homeserver to read.
const MAX_PAGES = 50;
// By how much two clocks may differ at most, when both are taken for right.
const MARGIN_MS = 60 * 60_000;

// A redacted event has lost its content, and with it the key. Its sender still sees the transaction id, which is the same
// (Matrix spec, Client-Server API, "Transaction identifiers").
function rowOf(event: MatrixEvent): string | undefined {
  const { transaction_id: txnId } = event.unsigned;
  return keyOf(event) ?? (typeof txnId === "string" ? sentUnder(txnId) : undefined);
}

/**
 * Looks through a room, newest events first, for something that its sender may have sent there. The search ends at
 * - an event of the same sender that stands for an earlier row: rows of one kind are sent one after the other;
 * - a page whose events are all older than the row, by the clock of our own homeserver;
 * - the first event that the sender may see.
 * @param sender the one who sent it has seen it, also in rooms that show newcomers nothing of what was before
 * @throws MatrixError
 */
export async function lookBack(
  calendar: Calendar,
  sender: UserIntent,
  roomId: string,
  { key, since }: Sought,
): Promise<Finding> {
  let from: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { events: page, next } = await sender.eventsBefore(roomId, PAGE_EVENTS, from);
    const events = page.flatMap((event) => readMatrixEvent(event, roomId) ?? []);
    // Any user can copy a key into an event of their own, and clients do when they forward a message.
    const own = events.filter((event) => event.sender === sender.userId);
    const found = own.find((event) => rowOf(event) === key);
    if (found !== undefined) return { type: "found", eventId: found.id };
    // Without events there may be more before them: those that the sender may not see are left out of a page.
    if (next === undefined || (next === from && page.length === 0)) return { type: "absent" };
    if (own.some((event) => isEarlier(rowOf(event), key))) return { type: "absent" };
    if (areOlder(events, sender, begunAt(calendar, sender, since))) return { type: "absent" };
    from = next;
  }
  return { type: "unknown" };
}

// Keys end with the number of their row.
const NUMBERED = /^(?<kind>.*-)(?<number>\d+)$/u;

function isEarlier(key: string | undefined, than: string): boolean {
  const one = NUMBERED.exec(key ?? "")?.groups;
  const other = NUMBERED.exec(than)?.groups;
  return one !== undefined && one["kind"] === other?.["kind"] && Number(one["number"]) < Number(other?.["number"]);
}

/** The earliest time of the homeserver at which it can have been sent. */
function begunAt(calendar: Calendar, { serverAheadMs }: UserIntent, since: Date): number {
  const ms = since.getTime();
  // Written down when the date was wrong: nobody knows when that was.
  if (calendar.isAhead(since)) return -Infinity;
  const there = serverAheadMs === undefined ? ms : calendar.momentOf(since) + serverAheadMs;
  // The date that was wrong may be either one, and may have been set since.
  return Math.min(ms, there) - MARGIN_MS;
}

// Only events of our own homeserver bear the time of its clock. A single one may have been given another time by another
// application service, so all of a page have to be older.
function areOlder(events: readonly MatrixEvent[], { userId }: UserIntent, begun: number): boolean {
  const ours = events.filter((event) => event.sentAt > 0 && domainOf(event.sender) === domainOf(userId));
  return ours.length > 0 && ours.every((event) => event.sentAt < begun);
}

function domainOf(userId: string): string {
  return userId.slice(userId.indexOf(":") + 1);
}
