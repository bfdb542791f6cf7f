import { join } from "node:path";
import Sqlite from "better-sqlite3";

/** A message of one place, under the id that makes a repetition harmless. */
export interface Kept {
  readonly id: string;
  readonly place: string;
  readonly body: string;
}

/**
 * A queue on disk as small as it can be: a repetition is noticed by its id, what has been delivered loses its body with
 * the next commit, and there is one durable commit for each thing that is kept.
 */
export class FloorJournal {
  readonly #commit: (kept: readonly Kept[]) => void;
  readonly sqliteVersion: string;
  #settled: string[] = [];

  constructor(folder: string) {
    const database = new Sqlite(join(folder, "floor.db"));
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.exec(
      "CREATE TABLE journal (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, place TEXT NOT NULL, body TEXT)",
    );
    this.sqliteVersion = String(database.prepare("SELECT sqlite_version()").pluck().get());
    const insert = database.prepare("INSERT INTO journal (id, place, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    const settle = database.prepare("UPDATE journal SET body = NULL WHERE id = ?");
    this.#commit = database.transaction((kept: readonly Kept[]) => {
      for (const { id, place, body } of kept) insert.run(id, place, body);
      for (const id of this.#settled) settle.run(id);
    });
  }

  keep(kept: readonly Kept[]): void {
    this.#commit(kept);
    this.#settled = [];
  }

  settle(id: string): void {
    this.#settled.push(id);
  }
}
