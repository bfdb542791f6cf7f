import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow } from "./rows.ts";
import type { RunTable } from "./run.ts";

const row = z.object({ count: z.int(), last: z.int() });

/** How often a user gave wrong passwords, and how long ago the last time was, in milliseconds that the bridge has run. */
export interface WrongPasswords {
  readonly count: number;
  readonly agoMs: number;
}

// Of users who have nothing to lose there may be any number.
const MOST_ROWS = 10_000;

/**
 * The table `wrong_password`: who gave wrong passwords, for which account. On disk, so that no restart gives fresh guesses,
 * and by the time for which the bridge has run, so that no date does.
 */
export class WrongPasswordTable {
  readonly #run: RunTable;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database, run: RunTable) {
    this.#run = run;
    this.#sql = prepare(database);
  }

  /** @param account empty for all accounts together */
  find(owner: string, account: string): WrongPasswords | undefined {
    const found = findRow(row, this.#sql.find.get(owner, account));
    return found && { count: found.count, agoMs: Math.max(0, this.#run.totalMs - found.last) };
  }

  save(owner: string, account: string, count: number): void {
    this.#sql.save.run({ owner, account, count, last: this.#run.totalMs });
    this.#sql.forget.run(MOST_ROWS);
  }

  delete(owner: string, account: string): void {
    this.#sql.delete.run(owner, account);
  }

  /** Forgets those of which the last was longer ago than so many milliseconds. */
  forgetOlder(ms: number): void {
    this.#sql.forgetOlder.run(this.#run.totalMs - ms);
  }
}

function prepare(database: Database) {
  return {
    find: database.prepare("SELECT count, last FROM wrong_password WHERE owner = ? AND account = ?"),
    save: database.prepare(
      // A new row each time, so that their numbers stand in the order of `last`.
      "INSERT OR REPLACE INTO wrong_password (owner, account, count, last) VALUES (:owner, :account, :count, :last)",
    ),
    delete: database.prepare("DELETE FROM wrong_password WHERE owner = ? AND account = ?"),
    forgetOlder: database.prepare("DELETE FROM wrong_password WHERE last < ?"),
    forget: database.prepare("DELETE FROM wrong_password WHERE rowid <= (SELECT max(rowid) FROM wrong_password) - ?"),
  };
}
