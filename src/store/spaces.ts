import { z } from "zod";
import type { Calendar } from "../util/calendar.ts";
import type { Database } from "./database.ts";
import { placeIn } from "./places.ts";
import { date, findRow, flag, getRow, listRows, mustChange } from "./rows.ts";
import type { Seal } from "./seal.ts";

const COLUMNS = "login_id AS loginId, contact_group AS 'group', room_id AS roomId, creating, name AS sealed, declined";

const spaceRow = z.object({
  loginId: z.int(),
  /** The id of the group of contacts; empty for the space of the account itself. */
  group: z.string(),
  /** Null while there is none. */
  roomId: z.string().nullable(),
  /** When the homeserver was last asked to make it; null once that has ended. */
  creating: date.nullable(),
  sealed: z.instanceof(Buffer).nullable(),
  /** Whether the owner has left it, and so wants none. */
  declined: flag,
});

/** The space of a login, or of one group of its contacts. */
export interface SpaceRow extends Omit<z.output<typeof spaceRow>, "sealed"> {
  /** The name that Matrix has been told. */
  readonly name: string | null;
}
const childRow = z.object({
  roomId: z.string(),
  /** The `order` of the child; empty for none. */
  place: z.string(),
});

/** A room that Matrix has been told to be in a space. */
export type SpaceChildRow = z.output<typeof childRow>;

/** The tables `space` and `space_child`. */
export class SpaceTable {
  readonly #seal: Seal;
  readonly #calendar: Calendar;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database, seal: Seal, calendar: Calendar) {
    this.#seal = seal;
    this.#calendar = calendar;
    this.#sql = prepare(database);
  }

  /** @throws StoreError `not-found` */
  get(loginId: number, group: string): SpaceRow {
    return this.#opened(getRow(spaceRow, this.#sql.find.get(loginId, group), `space ${loginId}/${group}`));
  }

  find(loginId: number, group: string): SpaceRow | undefined {
    return this.#found(this.#sql.find.get(loginId, group));
  }

  findByRoom(roomId: string): SpaceRow | undefined {
    return this.#found(this.#sql.findByRoom.get(roomId));
  }

  /** The spaces of a login, that of the account first. */
  listByLogin(loginId: number): SpaceRow[] {
    return listRows(spaceRow, this.#sql.listByLogin.all(loginId)).map((row) => this.#opened(row));
  }

  /** The row of a space, which is added where there is none. */
  save(loginId: number, group: string): SpaceRow {
    this.#sql.save.run(loginId, group);
    return this.get(loginId, group);
  }

  /**
   * To be called before the homeserver is asked to make the space.
   * @returns when that was
   * @throws StoreError `not-found`
   */
  markCreating({ loginId, group }: Pick<SpaceRow, "loginId" | "group">): Date {
    const now = this.#calendar.now();
    mustChange(this.#sql.markCreating.run(now.getTime(), loginId, group), `space ${loginId}/${group}`);
    return now;
  }

  /**
   * The space has its room, with this name.
   * @throws StoreError `not-found`
   */
  setRoom({ loginId, group }: Pick<SpaceRow, "loginId" | "group">, roomId: string, name: string): void {
    mustChange(
      this.#sql.setRoom.run(roomId, this.#sealed(loginId, group, name), loginId, group),
      `space ${loginId}/${group}`,
    );
  }

  setName(roomId: string, name: string): void {
    const space = this.findByRoom(roomId);
    if (space !== undefined) this.#sql.setName.run(this.#sealed(space.loginId, space.group, name), roomId);
  }

  /** The owner has left the space, or it is of no use any more: none is made until `wantAgain`. */
  lose(roomId: string): void {
    this.#sql.deleteChildren.run(roomId);
    this.#sql.lose.run(roomId);
  }

  /** Spaces that the owner has left may be made again. */
  wantAgain(loginId: number): void {
    this.#sql.wantAgain.run(loginId);
  }

  delete({ loginId, group }: Pick<SpaceRow, "loginId" | "group">): void {
    this.#sql.delete.run(loginId, group);
  }

  /** What Matrix has been told to be in a space. */
  children(space: string): SpaceChildRow[] {
    return listRows(childRow, this.#sql.children.all(space));
  }

  saveChild(space: string, { roomId, place }: SpaceChildRow): void {
    this.#sql.saveChild.run(space, roomId, place);
  }

  deleteChild(space: string, roomId: string): void {
    this.#sql.deleteChild.run(space, roomId);
  }

  #sealed(loginId: number, group: string, name: string): Buffer {
    return this.#seal.seal(name, placeIn("space.name", loginId, group));
  }

  #opened({ sealed, ...row }: z.output<typeof spaceRow>): SpaceRow {
    return { ...row, name: sealed && this.#seal.open(sealed, placeIn("space.name", row.loginId, row.group)) };
  }

  #found(row: unknown): SpaceRow | undefined {
    const found = findRow(spaceRow, row);
    return found && this.#opened(found);
  }
}

function prepare(database: Database) {
  return {
    find: database.prepare(`SELECT ${COLUMNS} FROM space WHERE login_id = ? AND contact_group = ?`),
    findByRoom: database.prepare(`SELECT ${COLUMNS} FROM space WHERE room_id = ?`),
    listByLogin: database.prepare(`SELECT ${COLUMNS} FROM space WHERE login_id = +? ORDER BY contact_group`),
    save: database.prepare("INSERT INTO space (login_id, contact_group) VALUES (?, ?) ON CONFLICT DO NOTHING"),
    markCreating: database.prepare("UPDATE space SET creating = ? WHERE login_id = ? AND contact_group = ?"),
    setRoom: database.prepare(
      "UPDATE space SET room_id = ?, name = ?, creating = NULL WHERE login_id = ? AND contact_group = ?",
    ),
    setName: database.prepare("UPDATE space SET name = ? WHERE room_id = ?"),
    lose: database.prepare("UPDATE space SET room_id = NULL, name = NULL, declined = 1 WHERE room_id = ?"),
    wantAgain: database.prepare("UPDATE space SET declined = 0 WHERE login_id = ?"),
    delete: database.prepare("DELETE FROM space WHERE login_id = ? AND contact_group = ?"),
    children: database.prepare("SELECT room_id AS roomId, place FROM space_child WHERE space = +? ORDER BY room_id"),
    saveChild: database.prepare(
      `INSERT INTO space_child (space, room_id, place) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET place = excluded.place`,
    ),
    deleteChild: database.prepare("DELETE FROM space_child WHERE space = ? AND room_id = ?"),
    deleteChildren: database.prepare("DELETE FROM space_child WHERE space = ?"),
  };
}
