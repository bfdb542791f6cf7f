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
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  /** @throws StoreError `not-found` */
  get(roomId: string): ManagementRoomRow {
    return getRow(managementRoomRow, this.#sql.find.get(roomId), `management room ${roomId}`);
  }

  find(roomId: string): ManagementRoomRow | undefined {
    return findRow(managementRoomRow, this.#sql.find.get(roomId));
  }

  /** All management rooms, oldest first. */
  list(): ManagementRoomRow[] {
    return listRows(managementRoomRow, this.#sql.list.all());
  }

  listByOwner(owner: string): ManagementRoomRow[] {
    return listRows(managementRoomRow, this.#sql.listByOwner.all(owner));
  }

  save(room: ManagementRoomRow): void {
    this.#sql.save.run(room);
  }

  delete(roomId: string): void {
    this.#sql.delete.run(roomId);
  }
}

function prepare(database: Database) {
  return {
    find: database.prepare(`SELECT ${COLUMNS} FROM management_room WHERE room_id = ?`),
    list: database.prepare(`SELECT ${COLUMNS} FROM management_room ORDER BY rowid`),
    listByOwner: database.prepare(`SELECT ${COLUMNS} FROM management_room WHERE owner = +? ORDER BY rowid`),
    save: database.prepare(
      `INSERT INTO management_room (room_id, owner) VALUES (:roomId, :owner)
       ON CONFLICT (room_id) DO UPDATE SET owner = excluded.owner`,
    ),
    delete: database.prepare("DELETE FROM management_room WHERE room_id = ?"),
  };
}
