import type { Statement } from "better-sqlite3";
import type { Database } from "./database.ts";

/** The table `said`: what is said once in a room and not again, whatever happens in between. */
export class Said {
  readonly #insert: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare("INSERT INTO said (room_id, what) VALUES (?, ?) ON CONFLICT DO NOTHING");
  }

  /** True the first time; from then on it counts as said. */
  once(roomId: string, what: string): boolean {
    return this.#insert.run(roomId, what).changes > 0;
  }
}
