import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow } from "./rows.ts";

const ALIVE = "alive_at";

/** Whether a run of the bridge ended properly, and if not, when it was last seen alive. */
export class RunTable {
  readonly #find: Statement;
  readonly #save: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#find = database.prepare("SELECT value FROM meta WHERE key = ?").pluck();
    this.#save = database.prepare(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    this.#delete = database.prepare("DELETE FROM meta WHERE key = ?");
  }

  /** When the run before this one was last alive, in milliseconds since the epoch; undefined if it was ended properly. */
  get lastAlive(): number | undefined {
    const value = findRow(z.string(), this.#find.get(ALIVE));
    return value === undefined ? undefined : Number(value);
  }

  /** The bridge is alive at a time. */
  alive(now: number): void {
    this.#save.run(ALIVE, String(now));
  }

  /** The run ends properly. */
  end(): void {
    this.#delete.run(ALIVE);
  }
}
