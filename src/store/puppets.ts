import { z } from "zod";
import type { Database } from "./database.ts";
import { placeIn } from "./places.ts";
import { findRow, flag, getRow, listRows } from "./rows.ts";
import type { Seal } from "./seal.ts";

const puppetRow = z.object({
  /** A Matrix user id. */
  owner: z.string(),
  hasToken: flag,
  /** Whether they have been told that the bridge cannot act for them any more. */
  toldLost: flag,
});

/** What is kept of the right to act for a user on Matrix. The token is not in it; see `PuppetTable.token`. */
export type PuppetRow = z.output<typeof puppetRow>;

const puppetRoomRow = z.object({
  roomId: z.string(),
  /** The ghost under whom the room stands among their direct chats, if it does. */
  directWith: z.string().nullable(),
});

/** A room into which a user was brought. */
export type PuppetRoomRow = z.output<typeof puppetRoomRow>;

/** The tables `puppet` and `puppet_room`: how the bridge acts for people, and what it has done for them. */
export class PuppetTable {
  readonly #seal: Seal;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database, seal: Seal) {
    this.#seal = seal;
    this.#sql = prepare(database);
  }

  find(owner: string): PuppetRow | undefined {
    return findRow(puppetRow, this.#sql.find.get(owner));
  }

  list(): PuppetRow[] {
    return listRows(puppetRow, this.#sql.list.all());
  }

  /**
   * The access token that the user has given; undefined when there is none.
   * @throws StoreError `damaged`
   */
  token(owner: string): string | undefined {
    const sealed = this.#sql.token.get(owner);
    return sealed === undefined
      ? undefined
      : this.#seal.open(getRow(z.instanceof(Buffer), sealed, `token of ${owner}`), placeIn("puppet.token", owner));
  }

  /** Keeps a token that works. */
  setToken(owner: string, token: string): void {
    this.#sql.setToken.run(owner, this.#seal.seal(token, placeIn("puppet.token", owner)));
  }

  /** False when there was none. */
  forgetToken(owner: string): boolean {
    return this.#sql.forgetToken.run(owner).changes > 0;
  }

  /** True the first time since it last worked: they have to be told. */
  tellLost(owner: string): boolean {
    return this.#sql.tellLost.run(owner).changes > 0;
  }

  /** It works again. */
  forgetLost(owner: string): void {
    this.#sql.forgetLost.run(owner);
  }

  /** The rooms into which a user was brought. */
  rooms(owner: string): PuppetRoomRow[] {
    return listRows(puppetRoomRow, this.#sql.rooms.all(owner));
  }

  saveRoom(owner: string, room: PuppetRoomRow): void {
    this.#sql.saveRoom.run({ owner, ...room });
  }

  deleteRoom(owner: string, roomId: string): void {
    this.#sql.deleteRoom.run(owner, roomId);
  }
}

function prepare(database: Database) {
  const columns = "owner, token IS NOT NULL AS hasToken, told_lost AS toldLost";
  return {
    find: database.prepare(`SELECT ${columns} FROM puppet WHERE owner = ?`),
    list: database.prepare(`SELECT ${columns} FROM puppet ORDER BY owner`),
    token: database.prepare("SELECT token FROM puppet WHERE owner = ? AND token IS NOT NULL").pluck(),
    setToken: database.prepare(
      `INSERT INTO puppet (owner, token) VALUES (?, ?)
       ON CONFLICT (owner) DO UPDATE SET token = excluded.token, told_lost = 0`,
    ),
    tellLost: database.prepare(
      `INSERT INTO puppet (owner, told_lost) VALUES (?, 1)
       ON CONFLICT (owner) DO UPDATE SET told_lost = 1 WHERE told_lost = 0`,
    ),
    forgetLost: database.prepare("UPDATE puppet SET told_lost = 0 WHERE owner = ? AND told_lost = 1"),
    forgetToken: database.prepare("UPDATE puppet SET token = NULL WHERE owner = ? AND token IS NOT NULL"),
    rooms: database.prepare(
      "SELECT room_id AS roomId, direct_with AS directWith FROM puppet_room WHERE owner = +? ORDER BY room_id",
    ),
    saveRoom: database.prepare(
      `INSERT INTO puppet_room (owner, room_id, direct_with) VALUES (:owner, :roomId, :directWith)
       ON CONFLICT DO UPDATE SET direct_with = excluded.direct_with`,
    ),
    deleteRoom: database.prepare("DELETE FROM puppet_room WHERE owner = ? AND room_id = ?"),
  };
}
