import { z } from "zod";
import type { Calendar } from "../util/calendar.ts";
import type { Database } from "./database.ts";
import { placeIn } from "./places.ts";
import { date, findRow, flag, getRow, listRows, mustChange } from "./rows.ts";
import type { Seal } from "./seal.ts";

const KINDS = ["direct", "group"] as const;
export type PortalKind = (typeof KINDS)[number];

/**
 * How the owner of a portal stands to those on the other side. `open`: they are known, or the owner wants the chat.
 * `stranger`: they are not known and may have a room, to which its owner has not come. `held`: what they say is kept and waits
 * for the owner. `ignored`: it is not kept.
 */
const STANDINGS = ["open", "stranger", "held", "ignored"] as const;
export type Standing = (typeof STANDINGS)[number];

const COLUMNS =
  "id, login_id AS loginId, kind, remote, room_id AS roomId, creating, active, dismissed, standing, heard";

const portalRow = z.object({
  id: z.int(),
  loginId: z.int(),
  kind: z.enum(KINDS),
  /** Who is on the other side: for a direct portal the passport, in lower case; for a group, which MSN does not name, any id. */
  remote: z.string(),
  /** Null while there is no room. */
  roomId: z.string().nullable(),
  /** When the homeserver was last asked to make the room; null once that has ended. */
  creating: date.nullable(),
  /** The larger, the later something was last said, for groups. No date: that may be set back. */
  active: z.int(),
  /** The user has left its room: there is to be none until something is said. */
  dismissed: flag,
  standing: z.enum(STANDINGS),
  /** How long the bridge had run when strangers last said something, give or take an hour. */
  heard: z.int(),
});

const sealedText = z.object({ loginId: z.int(), sealed: z.instanceof(Buffer).nullable() });

/** The Matrix room that stands for a conversation of one login. */
export type PortalRow = z.output<typeof portalRow>;

/** What a room has been told that it shows: the content of each state event as JSON, by type and state key. */
export type ToldState = Readonly<Record<string, string>>;

const toldState = z.record(z.string(), z.string());

/** The table `portal`. */
export class PortalTable {
  readonly #seal: Seal;
  readonly #calendar: Calendar;
  readonly #sql: ReturnType<typeof prepare>;
  #lastActive: number;

  constructor(database: Database, seal: Seal, calendar: Calendar) {
    this.#seal = seal;
    this.#calendar = calendar;
    this.#sql = prepare(database);
    this.#lastActive = findRow(z.int(), this.#sql.lastActive.get()) ?? 0;
  }

  /** @throws StoreError `not-found` */
  get(id: number): PortalRow {
    return getRow(portalRow, this.#sql.get.get(id), `portal ${id}`);
  }

  find(loginId: number, kind: PortalKind, remote: string): PortalRow | undefined {
    return findRow(portalRow, this.#sql.find.get(loginId, kind, remote));
  }

  findByRoom(roomId: string): PortalRow | undefined {
    return findRow(portalRow, this.#sql.findByRoom.get(roomId));
  }

  /** All portals, oldest first. */
  list(): PortalRow[] {
    return listRows(portalRow, this.#sql.list.all());
  }

  listByLogin(loginId: number): PortalRow[] {
    return listRows(portalRow, this.#sql.listByLogin.all(loginId));
  }

  /** The portals whose room may have been made without our knowing. */
  listCreating(): PortalRow[] {
    return listRows(portalRow, this.#sql.listCreating.all());
  }

  /** Those of a login that stand so, oldest first. */
  listStanding(loginId: number, standing: Exclude<Standing, "open">): PortalRow[] {
    return listRows(portalRow, this.#sql.listStanding.all(loginId, standing));
  }

  /** Those of a login that are held back and have something to show, oldest first. */
  listWaiting(loginId: number): PortalRow[] {
    return listRows(portalRow, this.#sql.listWaiting.all(loginId));
  }

  /** How many of a login's portals are held back. */
  countHeld(loginId: number): number {
    return getRow(z.int(), this.#sql.countHeld.get(loginId), "count");
  }

  /**
   * Changes how the owner stands to those on the other side. A stranger who may have a room may have one again.
   * @throws StoreError `not-found`
   */
  setStanding(id: number, standing: Standing): void {
    mustChange(this.#sql.setStanding.run({ standing, id }), `portal ${id}`);
  }

  /**
   * A stranger has said something.
   * @param ranMs how long the bridge has run
   * @throws StoreError `not-found`
   */
  setHeard(id: number, ranMs: number): void {
    mustChange(this.#sql.setHeard.run(ranMs, id), `portal ${id}`);
  }

  /** The portal of this conversation, which is added where there is none. */
  save(portal: Pick<PortalRow, "loginId" | "kind" | "remote">, standing: Standing = "open"): PortalRow {
    const { loginId, kind, remote } = portal;
    this.#sql.save.run({ loginId, kind, remote, standing });
    return getRow(portalRow, this.#sql.find.get(loginId, kind, remote), `portal of ${remote}`);
  }

  /**
   * To be called before the homeserver is asked to make the room.
   * @returns when that was
   * @throws StoreError `not-found`
   */
  markCreating(id: number): Date {
    const now = this.#calendar.now();
    mustChange(this.#sql.markCreating.run(now.getTime(), id), `portal ${id}`);
    return now;
  }

  /**
   * Gives the portal its room, or takes it away; in both cases nothing is being made any more, and nothing told.
   * @throws StoreError `not-found`
   */
  setRoom(id: number, roomId: string | null): void {
    mustChange(this.#sql.setRoom.run({ roomId, id }), `portal ${id}`);
  }

  /**
   * What the user calls the room; null while it has the name that the bridge gives it.
   * @throws StoreError `not-found`, or `damaged`
   */
  title(id: number): string | null {
    const { loginId, sealed } = getRow(sealedText, this.#sql.title.get(id), `portal ${id}`);
    return sealed && this.#seal.open(sealed, placeIn("portal.title", id, loginId));
  }

  /**
   * The user has renamed the room; null: it has the bridge's name again.
   * @throws StoreError `not-found`
   */
  setTitle(id: number, title: string | null): void {
    const sealed = title === null ? null : this.#seal.seal(title, placeIn("portal.title", id, this.get(id).loginId));
    mustChange(this.#sql.setTitle.run(sealed, id), `portal ${id}`);
  }

  /** What the portal's room has been told; nothing of one that it has not made. @throws StoreError `not-found` */
  told(id: number): ToldState {
    const { loginId, sealed } = getRow(sealedText, this.#sql.told.get(id), `portal ${id}`);
    if (sealed === null) return {};
    try {
      return toldState.parse(JSON.parse(this.#seal.open(sealed, placeIn("portal.told", id, loginId))));
    } catch {
      // What cannot be read is told again.
      return {};
    }
  }

  /** @throws StoreError `not-found` */
  setTold(id: number, told: ToldState): void {
    const place = placeIn("portal.told", id, this.get(id).loginId);
    mustChange(this.#sql.setTold.run(this.#seal.seal(JSON.stringify(told), place), id), `portal ${id}`);
  }

  /**
   * Something was said there.
   * @throws StoreError `not-found`
   */
  touch(id: number): void {
    this.#lastActive += 1;
    mustChange(this.#sql.touch.run(this.#lastActive, id), `portal ${id}`);
  }

  /** Deletes the portal; its journal rows stay, without it. */
  delete(id: number): void {
    this.#sql.delete.run(id);
  }
}

function prepare(database: Database) {
  return {
    get: database.prepare(`SELECT ${COLUMNS} FROM portal WHERE id = ?`),
    find: database.prepare(`SELECT ${COLUMNS} FROM portal WHERE login_id = ? AND kind = ? AND remote = ?`),
    findByRoom: database.prepare(`SELECT ${COLUMNS} FROM portal WHERE room_id = ?`),
    list: database.prepare(`SELECT ${COLUMNS} FROM portal ORDER BY id`),
    listByLogin: database.prepare(`SELECT ${COLUMNS} FROM portal WHERE login_id = +? ORDER BY id`),
    listCreating: database.prepare(`SELECT ${COLUMNS} FROM portal WHERE creating IS NOT NULL ORDER BY id`),
    save: database.prepare(
      `INSERT INTO portal (login_id, kind, remote, standing)
       VALUES (:loginId, :kind, :remote, :standing) ON CONFLICT DO NOTHING`,
    ),
    markCreating: database.prepare("UPDATE portal SET creating = ? WHERE id = ?"),
    // What was kept back is so no more once there is a room, which only its owner can have wanted.
    setRoom: database.prepare(
      `UPDATE portal SET room_id = :roomId, creating = NULL, told = NULL, dismissed = (:roomId IS NULL),
         standing = iif(:roomId IS NOT NULL AND standing IN ('held', 'ignored'), 'open', standing)
       WHERE id = :id`,
    ),
    title: database.prepare("SELECT login_id AS loginId, title AS sealed FROM portal WHERE id = ?"),
    told: database.prepare("SELECT login_id AS loginId, told AS sealed FROM portal WHERE id = ?"),
    listStanding: database.prepare(
      `SELECT ${COLUMNS} FROM portal WHERE login_id = +? AND standing = +? AND standing <> 'open' ORDER BY id`,
    ),
    listWaiting: database.prepare(
      `SELECT ${COLUMNS} FROM portal WHERE login_id = +? AND standing = 'held' AND standing <> 'open'
       AND EXISTS (
         SELECT 1 FROM journal
         WHERE journal.portal_id = portal.id AND journal.direction = 'to-matrix' AND journal.body IS NOT NULL
       )
       ORDER BY id`,
    ),
    countHeld: database
      .prepare("SELECT count(*) FROM portal WHERE login_id = ? AND standing = 'held' AND standing <> 'open'")
      .pluck(),
    setStanding: database.prepare(
      `UPDATE portal SET standing = :standing, dismissed = (dismissed AND :standing <> 'stranger') WHERE id = :id`,
    ),
    setHeard: database.prepare("UPDATE portal SET heard = ? WHERE id = ?"),
    setTold: database.prepare("UPDATE portal SET told = ? WHERE id = ?"),
    setTitle: database.prepare("UPDATE portal SET title = ? WHERE id = ?"),
    lastActive: database.prepare("SELECT coalesce(max(active), 0) FROM portal").pluck(),
    touch: database.prepare("UPDATE portal SET active = ? WHERE id = ?"),
    delete: database.prepare("DELETE FROM portal WHERE id = ?"),
  };
}
