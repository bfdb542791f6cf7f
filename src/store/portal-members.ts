import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow, getRow, listRows } from "./rows.ts";

const passport = z.string();
const id = z.int();

/**
 * The table `portal_member`: the largest set of people that a group has had at once. People meet again on another
 * switchboard, which says nothing but who is on it; by that their portal is found.
 */
export class PortalMemberTable {
  readonly #database: Database;
  readonly #list: Statement;
  readonly #count: Statement;
  readonly #clear: Statement;
  readonly #insert: Statement;
  readonly #findPortal: Statement;

  constructor(database: Database) {
    const value = (sql: string): Statement => database.prepare(sql).pluck();
    this.#database = database;
    this.#list = value("SELECT passport FROM portal_member WHERE portal_id = +? ORDER BY passport");
    this.#count = value("SELECT count(*) FROM portal_member WHERE portal_id = ?");
    this.#clear = database.prepare("DELETE FROM portal_member WHERE portal_id = ?");
    this.#insert = database.prepare("INSERT INTO portal_member (portal_id, passport) VALUES (?, ?)");
    this.#findPortal = value(
      `SELECT portal.id FROM portal
       WHERE login_id = +:loginId AND kind = 'group'
         AND (SELECT count(*) FROM portal_member WHERE portal_id = portal.id) = +:size
         AND NOT EXISTS (
           SELECT 1 FROM json_each(:people)
           WHERE value NOT IN (SELECT passport FROM portal_member WHERE portal_id = portal.id)
         )
       ORDER BY active DESC, id DESC LIMIT 1`,
    );
  }

  /** The largest set that a portal has had. */
  list(portalId: number): string[] {
    return listRows(passport, this.#list.all(portalId));
  }

  /**
   * Takes these people for the largest set if they are more than it has.
   * @param people passports in lower case
   */
  grow(portalId: number, people: readonly string[]): void {
    const distinct = new Set(people);
    const known = getRow(z.int(), this.#count.get(portalId), `members of portal ${portalId}`);
    if (distinct.size <= known) return;
    this.#database.transaction(() => {
      this.#clear.run(portalId);
      for (const one of distinct) this.#insert.run(portalId, one);
    });
  }

  /** The portal of a login whose largest set is exactly this one: the last active, where there are several. */
  findPortal(loginId: number, people: readonly string[]): number | undefined {
    const distinct = [...new Set(people)];
    const values = { loginId, size: distinct.length, people: JSON.stringify(distinct) };
    return findRow(id, this.#findPortal.get(values));
  }
}
