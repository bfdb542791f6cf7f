import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow, getRow, listRows } from "./rows.ts";

const COLUMNS = "room_id AS roomId, owner";

const managementRoomRow = z.object({
  roomId: z.string(),
  /** A Matrix user id. */
  owner: z.string(),
});

/** A room in which its owner talks to the bot. */
export type ManagementRoomRow = z.output<typeof managementRoomRow>;

/** The table `management_room`. */
export class ManagementRoomTable {
  readonly #find: Statement;
  readonly #list: Statement;
  readonly #listByOwner: Statement;
  readonly #save: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#find = database.prepare(`SELECT ${COLUMNS} FROM management_room WHERE room_id = ?`);
    this.#list = database.prepare(`SELECT ${COLUMNS} FROM management_room ORDER BY rowid`);
    this.#listByOwner = database.prepare(`SELECT ${COLUMNS} FROM management_room WHERE owner = ? ORDER BY rowid`);
    this.#save = database.prepare(
      `INSERT INTO management_room (room_id, owner) VALUES (:roomId, :owner)
       ON CONFLICT (room_id) DO UPDATE SET owner = excluded.owner`,
    );
    this.#delete = database.prepare("DELETE FROM management_room WHERE room_id = ?");
  }

  /** @throws StoreError `not-found` */
  get(roomId: string): ManagementRoomRow {
    return getRow(managementRoomRow, this.#find.get(roomId), `management room ${roomId}`);
  }

  find(roomId: string): ManagementRoomRow | undefined {
    return findRow(managementRoomRow, this.#find.get(roomId));
  }

  /** All management rooms, oldest first. */
  list(): ManagementRoomRow[] {
    return listRows(managementRoomRow, this.#list.all());
  }

  listByOwner(owner: string): ManagementRoomRow[] {
    return listRows(managementRoomRow, this.#listByOwner.all(owner));
  }

  save(room: ManagementRoomRow): void {
    this.#save.run(room);
  }

  delete(roomId: string): void {
    this.#delete.run(roomId);
  }
}
