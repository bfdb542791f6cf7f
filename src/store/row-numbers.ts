import { z } from "zod";
import type { Database } from "./database.ts";
import { getRow } from "./rows.ts";

// Without AUTOINCREMENT the newest row of the journal says which number is next, and stays.
const LAST = {
  journal: "SELECT coalesce(max(id), 0) FROM journal",
  notice: "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'notice'",
  gathered: "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'gathered'",
  transfer: "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'transfer'",
} as const;

type Numbered = keyof typeof LAST;

/**
 * Numbers the rows whose values are sealed: a value is bound to its row, so that is numbered before it is inserted. Nobody
 * else inserts such rows. No number is given twice; one is left out where what it was given for is undone.
 */
export class RowNumbers {
  readonly #last = new Map<Numbered, number>();

  constructor(database: Database) {
    for (const table of ["journal", "gathered", "notice", "transfer"] as const)
      this.#last.set(table, getRow(z.int(), database.prepare(LAST[table]).pluck().get(), "number"));
  }

  next(table: Numbered): number {
    const number = (this.#last.get(table) ?? 0) + 1;
    this.#last.set(table, number);
    return number;
  }

  /** From now on all numbers of a table are greater than this one too. */
  raise(table: Numbered, least: number): void {
    if ((this.#last.get(table) ?? 0) < least) this.#last.set(table, least);
  }
}
