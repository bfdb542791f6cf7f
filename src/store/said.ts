import type { Statement } from "better-sqlite3";
import type { Database } from "./database.ts";

/** The table `said`: what is said once in a room and not again, whatever happens in between. */
export class Said {
  readonly #insert: Statement;
  readonly #find: Statement;

  constructor(database: Database) {
    this.#find = database.prepare("SELECT 1 FROM said WHERE room_id = ? AND what = ?");
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
}
