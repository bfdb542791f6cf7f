import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow, listRows } from "./rows.ts";

const journalEdit = z.object({ rowId: z.int(), eventId: z.string(), state: z.string() });
/** A row of the journal that holds an edit. */
export type JournalEdit = z.output<typeof journalEdit>;

/** The table `journal_edit`: which rows of the journal hold edits, and of which events. */
export class EditTable {
  readonly #insert: Statement;
  readonly #target: Statement;
  readonly #list: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare("INSERT INTO journal_edit (row_id, target) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#target = database.prepare("SELECT target FROM journal_edit WHERE row_id = ?").pluck();
    this.#list = database.prepare(
      `SELECT journal.id AS rowId, journal.event_id AS eventId, journal.state AS state
       FROM journal_edit JOIN journal ON journal.id = row_id
       WHERE target = +? AND journal.event_id IS NOT NULL ORDER BY journal.id DESC`,
    );
  }

  /** A row holds an edit of an event. */
  add(rowId: number, target: string): void {
    this.#insert.run(rowId, target);
  }

  /** The event that a row edits. */
  targetOf(rowId: number): string | undefined {
    return findRow(z.string(), this.#target.get(rowId));
  }

  /** The rows that edit an event, newest first. */
  of(target: string): JournalEdit[] {
    return listRows(journalEdit, this.#list.all(target));
  }
}
