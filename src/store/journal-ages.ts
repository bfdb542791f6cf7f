import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow } from "./rows.ts";
import type { RunTable } from "./run.ts";

const KEY = "journal_ages";
const DAY_MS = 24 * 60 * 60_000;

/** For how long the bridge had run, and up to which row the journal went then. */
const ages = z.array(z.tuple([z.int(), z.int()]));

/**
 * Which rows of the journal are old: those that were there before the bridge had run for so and so long. What was set to a
 * wrong date makes none old, so that what a homeserver may still repeat is known.
 */
export class JournalAges {
  readonly #run: RunTable;
  readonly #find: Statement;
  readonly #save: Statement;
  readonly #newest: Statement;

  constructor(database: Database, run: RunTable) {
    this.#run = run;
    this.#find = database.prepare("SELECT value FROM meta WHERE key = ?").pluck();
    this.#save = database.prepare(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    this.#newest = database.prepare("SELECT coalesce(max(id), 0) FROM journal").pluck();
  }

  /** The newest row that is so old, in milliseconds that the bridge has run; 0 if there is none. To be asked once a day. */
  newestOf(ageMs: number): number {
    const { totalMs } = this.#run;
    const known = ages.parse(JSON.parse(findRow(z.string(), this.#find.get(KEY)) ?? "[]"));
    const [lastAt] = known.at(-1) ?? [-Infinity];
    if (totalMs - lastAt >= DAY_MS) known.push([totalMs, z.int().parse(this.#newest.get())]);
    const old = known.filter(([at]) => totalMs - at >= ageMs);
    const kept = known.slice(Math.max(0, old.length - 1));
    this.#save.run(KEY, JSON.stringify(kept));
    return old.at(-1)?.[1] ?? 0;
  }
}
