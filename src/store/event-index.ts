import { hash } from "node:crypto";
import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow, listRows } from "./rows.ts";

// Rows whose events are kept in memory at most, and then written into the table together, in some milliseconds.
const RECENT = 2048;
// As many as are written together at the start, where the rows may be those of a schema that knew no such table.
const MOST = 65_536;
const HASH_BYTES = 6;

const MERGED = "events_merged";

const keptEvent = z.object({ id: z.int(), eventId: z.string() });

/**
 * Finds the row of the journal that an event has, by its id.
 *
 * The problem: ids of events are random, so an index of them has each new one on another page, and every page that a commit
 * touches is written whole, into the log and later from there into the database. That was more than half of all that a
 * transaction of fifty texts wrote. So the newest rows are known in memory, and are written into the table `journal_event`
 * some thousands at a time, in its order: each page is touched once for many. After a crash they are read from the journal.
 *
 * Nothing here has to be true: memory may name a row that was rolled back, two events may have the same hash. What counts is
 * that the row itself has the event. But none may be missing: memory forgets a row only once the table is on disk that has it.
 */
export class EventIndex {
  readonly #database: Pick<Database, "transaction" | "commits">;
  readonly #isOf: Statement;
  readonly #find: Statement;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #list: Statement;
  readonly #newest: Statement;
  readonly #nextOf: Statement;
  readonly #merged: Statement;
  readonly #setMerged: Statement;
  readonly #recent = new Map<string, number>();
  /** The table on disk has the events of all rows up to this one. */
  #mergedUpTo = 0;
  /** How many commits there had been when rows were merged last: until the next one that may still be undone. */
  #mergedAfter = -1;

  constructor(database: Database) {
    this.#database = database;
    this.#isOf = database.prepare("SELECT 1 FROM journal WHERE id = ? AND event_id = ?").pluck();
    this.#find = database
      .prepare("SELECT row_id FROM journal_event JOIN journal ON id = row_id WHERE hash = ? AND event_id = ?")
      .pluck();
    this.#insert = database.prepare("INSERT INTO journal_event (hash, row_id) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#delete = database.prepare("DELETE FROM journal_event WHERE hash = ? AND row_id = ?");
    this.#list = database.prepare(
      "SELECT id, event_id AS eventId FROM journal WHERE id > ? AND id <= ? AND event_id IS NOT NULL",
    );
    this.#newest = database.prepare("SELECT max(id) FROM journal").pluck();
    this.#nextOf = database
      .prepare(`SELECT max(id) FROM (SELECT id FROM journal WHERE id > ? ORDER BY id LIMIT ${MOST})`)
      .pluck();
    this.#merged = database.prepare("SELECT value FROM meta WHERE key = ?").pluck();
    this.#setMerged = database.prepare(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    this.#open();
  }

  /** The row of an event. */
  find(eventId: string): number | undefined {
    const recent = this.#recent.get(eventId);
    if (recent !== undefined && this.#isOf.get(recent, eventId) !== undefined) return recent;
    return findRow(z.int(), this.#find.get(hashOf(eventId), eventId));
  }

  /** A row has been written, of an event or of something else. To be called in the same commit. */
  add(rowId: number, eventId: string | null): void {
    if (eventId !== null) this.#recent.set(eventId, rowId);
    if (rowId - this.#mergedUpTo < RECENT || this.#database.commits === this.#mergedAfter) return;
    this.#forgetMerged();
    if (rowId - this.#mergedUpTo < RECENT) return;
    this.#mergedAfter = this.#database.commits;
    this.#merge(rowId);
  }

  /** A row has been deleted. To be called in the same commit. */
  remove(rowId: number, eventId: string): void {
    this.#delete.run(hashOf(eventId), rowId);
  }

  #open(): void {
    const newest = findRow(z.int().nullable(), this.#newest.get()) ?? 0;
    this.#forgetMerged();
    while (newest - this.#mergedUpTo >= RECENT) {
      // By rows and not by their numbers, in which there are gaps (`RunTable.begin`).
      this.#merge(findRow(z.int(), this.#nextOf.get(this.#mergedUpTo)) ?? newest);
      this.#forgetMerged();
    }
    for (const { id, eventId } of this.#kept(newest)) this.#recent.set(eventId, id);
  }

  /** Writes the rows up to one into the table. Memory keeps them until that is on disk. */
  #merge(last: number): void {
    const keys = this.#kept(last).map(({ id, eventId }) => ({ id, hash: hashOf(eventId) }));
    keys.sort((a, b) => a.hash - b.hash);
    this.#database.transaction(() => {
      for (const key of keys) this.#insert.run(key.hash, key.id);
      this.#setMerged.run(MERGED, String(last));
    });
  }

  /** To be called where nothing that was merged can be undone any more. */
  #forgetMerged(): void {
    this.#mergedUpTo = Number(findRow(z.string(), this.#merged.get(MERGED)) ?? 0);
    for (const [eventId, id] of this.#recent) if (id <= this.#mergedUpTo) this.#recent.delete(eventId);
  }

  #kept(last: number): z.output<typeof keptEvent>[] {
    return listRows(keptEvent, this.#list.all(this.#mergedUpTo, last));
  }
}

function hashOf(eventId: string): number {
  return hash("sha256", eventId, "buffer").readUIntBE(0, HASH_BYTES);
}
