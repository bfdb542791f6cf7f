import { z } from "zod";
import type { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { findRow, flag, getRow, listRows } from "./rows.ts";

const COLUMNS = "server, passport, user_id AS userId, registered, name, avatar_hash AS avatarHash";

const ghostRow = z.object({
  /** The id of the server in the configuration. */
  server: z.string(),
  /** In lower case. */
  passport: z.string(),
  userId: z.string(),
  /** Whether the homeserver knows the user. */
  registered: flag,
  /** The name that Matrix has been told. */
  name: z.string().nullable(),
  /** The hash of the picture that Matrix has been told; null with MSNP8, which has none (docs/msnp.md 7). */
  avatarHash: z.string().nullable(),
});

/** The Matrix user that stands for a contact. */
export type GhostRow = z.output<typeof ghostRow>;

/** The table `ghost`. A passport is found in any letter case. */
export class GhostTable {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  /** @throws StoreError `not-found` */
  get(server: string, passport: string): GhostRow {
    return getRow(ghostRow, this.#sql.find.get(server, passport.toLowerCase()), `ghost of ${passport}`);
  }

  find(server: string, passport: string): GhostRow | undefined {
    return findRow(ghostRow, this.#sql.find.get(server, passport.toLowerCase()));
  }

  /** The registered ones of which Matrix was not told exactly this name; `names` by passport in lower case. */
  listOtherwise(server: string, names: ReadonlyMap<string, string>): GhostRow[] {
    return listRows(ghostRow, this.#sql.listOtherwise.all({ server, names: JSON.stringify([...names]) }));
  }

  findByUserId(userId: string): GhostRow | undefined {
    return findRow(ghostRow, this.#sql.findByUserId.get(userId));
  }

  list(): GhostRow[] {
    return listRows(ghostRow, this.#sql.list.all());
  }

  /**
   * Adds a ghost, or changes what Matrix has been told about it.
   * @throws StoreError `taken` when the ghost has another user id, which can never be changed
   */
  save(ghost: GhostRow): GhostRow {
    const values = { ...ghost, passport: ghost.passport.toLowerCase(), registered: ghost.registered ? 1 : 0 };
    const row = findRow(ghostRow, this.#sql.save.get(values));
    if (row === undefined) throw new StoreError("taken", `The ghost of ${ghost.passport} is not ${ghost.userId}.`);
    return row;
  }

  /** Remembers that the homeserver knows `userId`; does nothing for a user who is not a ghost. */
  markRegistered(userId: string): void {
    this.#sql.markRegistered.run(userId);
  }

  delete(server: string, passport: string): void {
    this.#sql.delete.run(server, passport.toLowerCase());
  }
}

function prepare(database: Database) {
  return {
    find: database.prepare(`SELECT ${COLUMNS} FROM ghost WHERE server = ? AND passport = ?`),
    listOtherwise: database.prepare(
      `SELECT ${COLUMNS} FROM json_each(:names) AS now
       CROSS JOIN ghost ON ghost.server = :server AND ghost.passport = now.value ->> 0
       WHERE registered = 1 AND name IS NOT now.value ->> 1`,
    ),
    findByUserId: database.prepare(`SELECT ${COLUMNS} FROM ghost WHERE user_id = ?`),
    list: database.prepare(`SELECT ${COLUMNS} FROM ghost ORDER BY server, passport`),
    // A user that was registered once stays so, whatever the saver had read before.
    save: database.prepare(
      `INSERT INTO ghost (server, passport, user_id, registered, name, avatar_hash)
       VALUES (:server, :passport, :userId, :registered, :name, :avatarHash)
       ON CONFLICT (server, passport) DO UPDATE
       SET registered = max(registered, excluded.registered), name = excluded.name, avatar_hash = excluded.avatar_hash
       WHERE user_id = excluded.user_id
       RETURNING ${COLUMNS}`,
    ),
    markRegistered: database.prepare("UPDATE ghost SET registered = 1 WHERE user_id = ?"),
    delete: database.prepare("DELETE FROM ghost WHERE server = ? AND passport = ?"),
  };
}
