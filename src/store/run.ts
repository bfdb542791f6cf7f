import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Clock } from "../util/clock.ts";
import type { Database } from "./database.ts";
import type { RowNumbers } from "./row-numbers.ts";
import { findRow } from "./rows.ts";

const ALIVE = "alive_at";
const RAN = "ran_ms";

/**
 * Whether a run of the bridge ended properly, and if not, when it was last seen alive; and for how long all runs lasted
 * together. That is the one measure of time across runs on which whoever sets the machine's date has no influence.
 */
export class RunTable {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #ranBefore: number;
  readonly #find: Statement;
  readonly #save: Statement;
  readonly #delete: Statement;
  readonly #numbers: RowNumbers;

  constructor(database: Database, numbers: RowNumbers, clock: Clock) {
    this.#numbers = numbers;
    this.#clock = clock;
    this.#find = database.prepare("SELECT value FROM meta WHERE key = ?").pluck();
    this.#save = database.prepare(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    this.#delete = database.prepare("DELETE FROM meta WHERE key = ?");
    this.#startedAt = clock.now();
    this.#ranBefore = this.#number(RAN) ?? 0;
  }

  /** When the run before this one was last alive; undefined if it was ended properly. */
  get lastAlive(): Date | undefined {
    const ms = this.#number(ALIVE);
    return ms === undefined ? undefined : new Date(ms);
  }

  /** For how long the bridge has run with this database, this run included, in milliseconds. */
  get totalMs(): number {
    return Math.floor(this.#ranBefore + this.#clock.now() - this.#startedAt);
  }

  /**
   * A run begins. What it says to Matrix is numbered from its time on, one number a millisecond and more than any bridge says.
   * A database that was copied and brought back does not know which numbers were used since, but the homeserver does, and
   * would answer for a message with the one that was sent under its number before (Matrix spec, Client-Server API,
   * "Transaction identifiers").
   */
  begin(now: Date): void {
    for (const table of ["journal", "notice"] as const) this.#numbers.raise(table, now.getTime());
  }

  /** The bridge is alive at a time. */
  alive(now: Date): void {
    this.#save.run(ALIVE, String(now.getTime()));
    this.#save.run(RAN, String(this.totalMs));
  }

  /** The run ends properly. */
  end(): void {
    this.#delete.run(ALIVE);
    this.#save.run(RAN, String(this.totalMs));
  }

  #number(key: string): number | undefined {
    const value = findRow(z.string(), this.#find.get(key));
    return value === undefined ? undefined : Number(value);
  }
}
