import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { listRows } from "./rows.ts";

/** The table `said`: what is said once in a room and not again, whatever happens in between. */
export class SaidTable {
  readonly #insert: Statement;
  readonly #find: Statement;
  readonly #list: Statement;
  readonly #forget: Statement;

  constructor(database: Database) {
    this.#find = database.prepare("SELECT 1 FROM said WHERE room_id = ? AND what = ?");
    this.#list = database.prepare("SELECT what FROM said WHERE room_id = +? ORDER BY rowid").pluck();
    this.#forget = database.prepare("DELETE FROM said WHERE room_id = ? AND what = ?");
    this.#insert = database.prepare("INSERT INTO said (room_id, what) VALUES (?, ?) ON CONFLICT DO NOTHING");
  }

  /** Whether it has been said. */
  has(roomId: string, what: string): boolean {
    return this.#find.get(roomId, what) !== undefined;
  }

  /** True the first time; from then on it counts as said. */
  once(roomId: string, what: string): boolean {
    return this.#insert.run(roomId, what).changes > 0;
  }

  /** Everything that has been said in a room, oldest first. */
  list(roomId: string): string[] {
    return listRows(z.string(), this.#list.all(roomId));
  }

  /** From now on it counts as not said. */
  forget(roomId: string, what: string): void {
    this.#forget.run(roomId, what);
  }
}
