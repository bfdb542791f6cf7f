import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow } from "./rows.ts";

/** The table `journal_part`: how much of a row has arrived that is sent in parts which arrive one by one. */
export class PartTable {
  readonly #set: Statement;
  readonly #get: Statement;

  constructor(database: Database) {
    this.#set = database.prepare(
      "INSERT INTO journal_part (row_id, done) VALUES (:rowId, :done) ON CONFLICT (row_id) DO UPDATE SET done = :done",
    );
    this.#get = database.prepare("SELECT done FROM journal_part WHERE row_id = ?").pluck();
  }

  /** How many parts of a row have arrived. */
  done(rowId: number): number {
    return findRow(z.int(), this.#get.get(rowId)) ?? 0;
  }

  /** So many parts of a row have arrived. */
  set(rowId: number, done: number): void {
    this.#set.run({ rowId, done });
  }
}
