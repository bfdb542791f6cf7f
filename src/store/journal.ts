import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Calendar } from "../util/calendar.ts";
import type { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { readEvent, toJson, type JournalEvent } from "./event.ts";
import { EventIndex } from "./event-index.ts";
import {
  journalRow,
  type AcceptedRow,
  type Direction,
  type JournalRow,
  type OpenRow,
  type SettledState,
} from "./journal-row.ts";
import { prepareJournal, SWEPT_ROWS } from "./journal-sql.ts";
import { Meta } from "./meta.ts";
import { placeIn, type SealedPlace } from "./places.ts";
import type { RowNumbers } from "./row-numbers.ts";
import { findRow, getRow, listRows, mustChange } from "./rows.ts";
import type { Seal } from "./seal.ts";

const sealedRow = journalRow.extend({ sealed: z.instanceof(Buffer) });
const bodyRow = journalRow
  .pick({ id: true, direction: true, eventId: true, roomId: true, portalId: true })
  .extend({ sealed: z.instanceof(Buffer).nullable() });
const rowId = z.int();
const sweptRow = z.object({ id: z.int(), eventId: z.string().nullable() });
const slice = z.object({ last: z.int().nullable(), count: z.int() });

/**
 * The table `journal`: what has been accepted on one side and not yet settled on the other. Bodies are sealed, and
 * gone once a row is settled; settled rows stay for a while, so that an event that comes again is known.
 */
export class Journal {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #calendar: Calendar;
  readonly #instance: string;
  readonly #sql: ReturnType<typeof prepareJournal>;
  readonly #events: EventIndex;
  readonly #numbers: RowNumbers;

  constructor(database: Database, seal: Seal, numbers: RowNumbers, calendar: Calendar) {
    this.#database = database;
    this.#seal = seal;
    this.#calendar = calendar;
    this.#instance = new Meta(database).instance;
    this.#sql = prepareJournal(database);
    this.#events = new EventIndex(database);
    this.#numbers = numbers;
  }

  /**
   * Writes the events of one transaction of the homeserver to disk, in one commit. An event that is known is ignored;
   * one that cannot be read is kept as skipped, without its body. Once this returns the events are safe.
   * @param skipped is given why, for each that cannot be read; without an id nothing is kept of it either
   * @returns the rows that wait to be sent, in order
   * @throws whatever the database throws; nothing has been written then
   */
  accept(events: readonly unknown[], skipped: string[] = []): AcceptedRow[] {
    const read = events.map((event) => ({ event, kept: readEvent(event) }));
    for (const { kept } of read)
      if (kept.eventId === null && "unreadable" in kept.content) skipped.push(kept.content.unreadable);
    // Repeated transactions are common, and a commit waits for the disk.
    if (read.every(({ kept: { eventId } }) => eventId === null || this.#isKnown(eventId))) return [];
    return this.#database.transaction(() =>
      read.flatMap(({ event, kept }) => {
        const id = this.#insertEvent(kept, skipped);
        return id === undefined ? [] : [{ id, event }];
      }),
    );
  }

  /**
   * Writes a message that goes to Matrix to disk, in one commit.
   * @param message anything that JSON can hold
   * @returns the row, and the transaction id under which the message will be sent
   * @throws StoreError `not-found` when there is no such portal
   */
  acceptMessage(portalId: number, message: unknown): { readonly id: number; readonly txnId: string } {
    const json = toJson(message);
    if (json === undefined) throw new TypeError("a message for the journal must have a JSON form");
    const now = this.#calendar.now().getTime();
    const id = this.#numbers.next("journal");
    const body = this.#seal.seal(json, placeIn("journal.body", id, null, null, portalId));
    mustChange(this.#sql.insertMessage.run(id, body, now, now, portalId), `portal ${portalId}`);
    this.#events.add(id, null);
    return { id, txnId: this.#txnId(id) };
  }

  /** @throws StoreError `not-found` */
  get(id: number): JournalRow {
    return this.#known(getRow(journalRow, this.#sql.get.get(id), `journal row ${id}`));
  }

  find(id: number): JournalRow | undefined {
    return this.#found(this.#sql.get.get(id));
  }

  /** The ids of the rows that are not settled, oldest first. */
  listOpen(direction: Direction): number[] {
    return listRows(rowId, this.#sql.listOpen.all(direction));
  }

  /** The portals in which something waits, or is uncertain until a file has arrived. */
  portalsInUse(): number[] {
    return listRows(rowId, this.#sql.portalsInUse.all());
  }

  /** The ids of open rows of events that belong to no portal, oldest first, of those after another. */
  listUnrouted(after: number, most: number): number[] {
    return listRows(rowId, this.#sql.listUnrouted.all(after, most));
  }

  /** The oldest open row of a portal in one direction, of those after another if one is given. */
  next(direction: Direction, portalId: number, after = 0): OpenRow | undefined {
    const row = findRow(sealedRow, this.#sql.next.get(portalId, direction, after));
    if (row === undefined) return undefined;
    const { sealed, ...rest } = row;
    const place = placeOf({ ...rest, portalId });
    return { ...this.#known(rest), body: (): unknown => JSON.parse(this.#seal.open(sealed, place)) };
  }

  /** The row of an event from Matrix. */
  findByEventId(eventId: string): JournalRow | undefined {
    const id = this.#events.find(eventId);
    return id === undefined ? undefined : this.find(id);
  }

  /** The newest event of a portal, older than a row, that was not or may not have been delivered, though its like can be. */
  lastUndelivered(portalId: number, before = Number.MAX_SAFE_INTEGER): JournalRow | undefined {
    return this.#found(this.#sql.lastUndelivered.get(portalId, before));
  }

  /**
   * Takes up a row again that was not, or may not have been, delivered.
   * @param event what it held
   * @returns false when the row is in another state
   */
  reopen(id: number, event: unknown): boolean {
    return this.#change(this.#sql.reopen, id, event);
  }

  /**
   * Puts another event in the place of one that still waits.
   * @returns false when it does not wait any more, or the other cannot be kept
   */
  rewrite(id: number, event: unknown): boolean {
    return this.#change(this.#sql.rewrite, id, event);
  }

  /** How many rows of a portal are open in one direction. */
  count(direction: Direction, portalId: number): number {
    return getRow(rowId, this.#sql.count.get(portalId, direction), "count");
  }

  /**
   * What was accepted, as it was.
   * @throws StoreError `not-found`, `settled`, or `damaged`
   */
  body(id: number): unknown {
    const { sealed, ...row } = getRow(bodyRow, this.#sql.body.get(id), `journal row ${id}`);
    if (sealed === null) throw settled(id);
    return JSON.parse(this.#seal.open(sealed, placeOf(row)));
  }

  /**
   * Notes which portal the row belongs to.
   * @throws StoreError `not-found`
   */
  assign(id: number, portalId: number): void {
    mustChange(this.#sql.assign.run(portalId, this.#calendar.now().getTime(), id), `journal row ${id}`);
  }

  /**
   * To be called before the first byte is sent: after a crash the row may have arrived.
   * @throws StoreError `not-found` or `settled`
   */
  markSending(id: number): void {
    const { changes } = this.#sql.markSending.run(this.#calendar.now().getTime(), id);
    if (changes === 0) throw settled(this.get(id).id);
  }

  /** No byte of a row that was marked has been sent, nor will be soon. */
  unmarkSending(id: number): void {
    this.#sql.unmarkSending.run(this.#calendar.now().getTime(), id);
  }

  /**
   * Ends the way of a row and wipes its body. What was settled once stays, except that an uncertain row may still turn
   * out to be something else.
   * @returns whether the row changed
   * @throws StoreError `not-found`
   */
  settle(id: number, state: SettledState, reason?: string): boolean {
    const { changes } = this.#sql.settle.run({
      id,
      state,
      reason: reason ?? null,
      now: this.#calendar.now().getTime(),
    });
    if (changes === 0) this.get(id);
    return changes > 0;
  }

  /**
   * Deletes rows that were settled more than `olderThanMs` milliseconds ago, or never according to a date that is no more,
   * among the next few in the order in which they were accepted; events among them would be new again. The newest of all
   * stays: by it the next one is numbered.
   * @param upTo the newest row that is old enough
   * @param after the row behind which to begin
   * @returns how many were deleted, and behind which row to go on; undefined when none that is old enough can follow
   */
  sweep(
    { olderThanMs, upTo }: { readonly olderThanMs: number; readonly upTo: number },
    after = 0,
  ): { readonly rows: number; readonly last: number | undefined } {
    const now = this.#calendar.now().getTime();
    const { last, count } = getRow(slice, this.#sql.slice.get(after, upTo), "slice of the journal");
    if (last === null) return { rows: 0, last: undefined };
    const swept = this.#database.transaction(() => {
      const rows = listRows(sweptRow, this.#sql.sweep.all({ after, last, before: now - olderThanMs, now }));
      for (const { id, eventId } of rows) if (eventId !== null) this.#events.remove(id, eventId);
      return rows.length;
    });
    return { rows: swept, last: count < SWEPT_ROWS ? undefined : last };
  }

  // The number of a row is its own for ever, and the instance is the database's.
  #txnId(id: number): string {
    return `msn-${this.#instance}-${id}`;
  }

  #change(update: Statement, id: number, event: unknown): boolean {
    const { content } = readEvent(event);
    const row = findRow(bodyRow, this.#sql.body.get(id));
    if ("unreadable" in content || row === undefined) return false;
    const body = this.#seal.seal(content.json, placeOf(row));
    return update.run({ id, body, now: this.#calendar.now().getTime() }).changes > 0;
  }

  #known(row: z.output<typeof journalRow>): JournalRow {
    return { ...row, txnId: row.direction === "to-matrix" ? this.#txnId(row.id) : null };
  }

  #found(row: unknown): JournalRow | undefined {
    const found = findRow(journalRow, row);
    return found && this.#known(found);
  }

  #isKnown(eventId: string): boolean {
    return this.#events.find(eventId) !== undefined;
  }

  /** @returns the id of a row that waits to be sent */
  #insertEvent({ eventId, roomId, content }: JournalEvent, skipped: string[]): number | undefined {
    // Without an id it would be new at each repetition. One with an id may stand twice in one transaction.
    if (eventId === null || this.#isKnown(eventId)) return undefined;
    const now = this.#calendar.now().getTime();
    const id = this.#numbers.next("journal");
    const isReadable = "json" in content;
    if (isReadable) {
      const body = this.#seal.seal(content.json, placeIn("journal.body", id, eventId, roomId, null));
      this.#sql.insertEvent.run(id, eventId, roomId, body, now, now);
    } else {
      skipped.push(content.unreadable);
      this.#sql.insertSkipped.run({ id, eventId, roomId, reason: content.unreadable, now });
    }
    this.#events.add(id, eventId);
    return isReadable ? id : undefined;
  }
}

// What is said on MSN belongs to a portal; an event belongs to its room, and to a portal only once it is routed.
function placeOf({ id, direction, eventId, roomId, portalId }: Omit<z.output<typeof bodyRow>, "sealed">): SealedPlace {
  return placeIn("journal.body", id, eventId, roomId, direction === "to-matrix" ? portalId : null);
}

function settled(id: number): StoreError {
  return new StoreError("settled", `Journal row ${id} has been settled, and what it held is gone.`);
}
