import { z } from "zod";
import type { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { placeIn, type SealedPlace } from "./places.ts";
import { findRow, flag, getRow, listRows, mustChange } from "./rows.ts";
import type { Seal } from "./seal.ts";

/** How the user's own MSN status is chosen: by their Matrix presence, by themselves alone, or always online. */
export const STATUS_POLICIES = ["follow", "manual", "always"] as const;
export type StatusPolicy = (typeof STATUS_POLICIES)[number];
const chosenPolicy = z.enum(STATUS_POLICIES).nullable();

export type NewLogin = Pick<LoginRow, "server" | "passport" | "owner">;

const COLUMNS = "id, server, passport, owner, wanted_status AS wantedStatus";

const loginRow = z.object({
  id: z.int(),
  /** The id of the server in the configuration. */
  server: z.string(),
  /** In the spelling that the account was registered with. */
  passport: z.string(),
  /** A Matrix user id. */
  owner: z.string(),
  /** The MSN status to sign in with, such as `NLN`. */
  wantedStatus: z.string(),
});

const sealedPassword = loginRow.extend({ sealed: z.instanceof(Buffer).nullable() });

// Otherwise whoever can write to the database could have it sent to another server, or sign in as another user.
function placeOfPassword({ id, owner, server, passport }: Omit<LoginRow, "wantedStatus">): SealedPlace {
  return placeIn("login.password", id, owner, server, passport.toLowerCase());
}

/**
 * One MSN account of one Matrix user. It stays when they log out, so that their rooms are there when they come back.
 * The password is not in it; see `LoginTable.password`.
 */
export type LoginRow = z.output<typeof loginRow>;

/** The table `login`. A passport is found in any letter case. */
export class LoginTable {
  readonly #seal: Seal;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database, seal: Seal) {
    this.#seal = seal;
    this.#sql = prepare(database);
  }

  /** @throws StoreError `not-found` */
  get(id: number): LoginRow {
    return getRow(loginRow, this.#sql.get.get(id), `login ${id}`);
  }

  find(owner: string, server: string, passport: string): LoginRow | undefined {
    return findRow(loginRow, this.#sql.find.get(owner, server, passport.toLowerCase()));
  }

  /** The login of any owner through which an account is signed in; a network takes one session at a time. */
  findHolder(server: string, passport: string): LoginRow | undefined {
    return findRow(loginRow, this.#sql.findHolder.get(server, passport.toLowerCase()));
  }

  /** All logins, oldest first. */
  list(): LoginRow[] {
    return listRows(loginRow, this.#sql.list.all());
  }

  listByOwner(owner: string): LoginRow[] {
    return listRows(loginRow, this.#sql.listByOwner.all(owner));
  }

  /**
   * Undefined before the network has accepted it, and once the user has logged out.
   * @throws StoreError `not-found`, or `damaged`
   */
  password(id: number): string | undefined {
    const { sealed, ...row } = getRow(sealedPassword, this.#sql.password.get(id), `login ${id}`);
    return sealed === null ? undefined : this.#seal.open(sealed, placeOfPassword(row));
  }

  /** Whether there is a password. @throws StoreError `not-found` */
  hasPassword(id: number): boolean {
    return getRow(flag, this.#sql.hasPassword.get(id), `login ${id}`);
  }

  /** @throws StoreError `not-found` */
  forgetPassword(id: number): void {
    mustChange(this.#sql.forgetPassword.run(id), `login ${id}`);
  }

  /**
   * The login of this user for this account, which is added, without a password, where there is none.
   * @throws StoreError `taken` when the account is signed in as the login of another Matrix user
   */
  save({ server, passport, owner }: NewLogin): LoginRow {
    const holder = this.findHolder(server, passport);
    if (holder !== undefined && holder.owner !== owner) {
      throw new StoreError("taken", `${passport} is signed in by another person on this bridge.`);
    }
    const passportKey = passport.toLowerCase();
    this.#sql.save.run({ server, passport, passportKey, owner });
    return getRow(loginRow, this.#sql.find.get(owner, server, passportKey), passport);
  }

  /**
   * Keeps what the network has accepted.
   * @throws StoreError `not-found`
   */
  setCredentials(id: number, passport: string, password: string): void {
    const sealed = this.#seal.seal(password, placeOfPassword({ ...this.get(id), passport }));
    mustChange(this.#sql.setCredentials.run(passport, passport.toLowerCase(), sealed, id), `login ${id}`);
  }

  /** @throws StoreError `not-found` */
  setWantedStatus(id: number, status: string): void {
    mustChange(this.#sql.setWantedStatus.run(status, id), `login ${id}`);
  }

  /**
   * Undefined where the user has chosen none.
   * @throws StoreError `not-found`
   */
  statusPolicy(id: number): StatusPolicy | undefined {
    return getRow(chosenPolicy, this.#sql.statusPolicy.get(id), `login ${id}`) ?? undefined;
  }

  /** @throws StoreError `not-found` */
  setStatusPolicy(id: number, policy: StatusPolicy): void {
    mustChange(this.#sql.setStatusPolicy.run(policy, id), `login ${id}`);
  }

  /** How many messages of strangers could not be kept, and the owner has not decided about since. */
  unkept(id: number): number {
    return getRow(z.int(), this.#sql.unkept.get(id), `login ${id}`);
  }

  /** @throws StoreError `not-found` */
  setUnkept(id: number, count: number): void {
    mustChange(this.#sql.setUnkept.run(count, id), `login ${id}`);
  }

  /** Deletes the logins that have never worked, or of which nothing is left: without a password and without a room. */
  prune(): void {
    this.#sql.prune.run();
  }

  /** Deletes the login together with its portals; its open journal rows stay, without a portal. */
  delete(id: number): void {
    this.#sql.delete.run(id);
  }
}

function prepare(database: Database) {
  return {
    get: database.prepare(`SELECT ${COLUMNS} FROM login WHERE id = ?`),
    find: database.prepare(`SELECT ${COLUMNS} FROM login WHERE owner = ? AND server = ? AND passport_key = ?`),
    findHolder: database.prepare(
      `SELECT ${COLUMNS} FROM login WHERE server = ? AND passport_key = ? AND password IS NOT NULL`,
    ),
    list: database.prepare(`SELECT ${COLUMNS} FROM login ORDER BY id`),
    listByOwner: database.prepare(`SELECT ${COLUMNS} FROM login WHERE owner = +? ORDER BY id`),
    password: database.prepare(`SELECT ${COLUMNS}, password AS sealed FROM login WHERE id = ?`),
    hasPassword: database.prepare("SELECT password IS NOT NULL FROM login WHERE id = ?").pluck(),
    save: database.prepare(
      `INSERT INTO login (server, passport, passport_key, owner)
       VALUES (:server, :passport, :passportKey, :owner) ON CONFLICT DO NOTHING`,
    ),
    setCredentials: database.prepare("UPDATE login SET passport = ?, passport_key = ?, password = ? WHERE id = ?"),
    forgetPassword: database.prepare("UPDATE login SET password = NULL WHERE id = ?"),
    setWantedStatus: database.prepare("UPDATE login SET wanted_status = ? WHERE id = ?"),
    statusPolicy: database.prepare("SELECT status_policy FROM login WHERE id = ?").pluck(),
    setStatusPolicy: database.prepare("UPDATE login SET status_policy = ? WHERE id = ?"),
    unkept: database.prepare("SELECT unkept FROM login WHERE id = ?").pluck(),
    setUnkept: database.prepare("UPDATE login SET unkept = ? WHERE id = ?"),
    delete: database.prepare("DELETE FROM login WHERE id = ?"),
    prune: database.prepare(
      `DELETE FROM login WHERE password IS NULL
       AND id NOT IN (SELECT login_id FROM portal) AND id NOT IN (SELECT login_id FROM space)`,
    ),
  };
}
