import { randomBytes } from "node:crypto";
import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { findRow } from "./rows.ts";
import type { Seal } from "./seal.ts";

const KEY_CHECK = "key_check";
const INSTANCE = "instance";
const LINK_SECRET = "link_secret";
const PROBE = "probe";
// More than what is left of the last block of the write-ahead log.
const PROBE_BYTES = 16 * 1024;

// What is sealed does not matter, as long as only the right key opens it.
const CHECK_TEXT = "matrix-appservice-msn";

/** What is known about the database itself. */
export class Meta {
  readonly #find: Statement;
  readonly #save: Statement;
  readonly #put: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#find = database.prepare("SELECT value FROM meta WHERE key = ?").pluck();
    this.#save = database.prepare("INSERT INTO meta (key, value) VALUES (?, ?)");
    this.#put = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
    this.#delete = database.prepare("DELETE FROM meta WHERE key = ?");
  }

  /** Twelve random hex digits that this database has had since it was made. */
  get instance(): string {
    const known = this.#value(INSTANCE);
    if (known !== undefined) return known;
    const made = randomBytes(6).toString("hex");
    this.#save.run(INSTANCE, made);
    return made;
  }

  /** What signs links to files: the same since it was first asked for. @throws StoreError `damaged` */
  linkSecret(seal: Seal): string {
    const known = this.#value(LINK_SECRET);
    if (known !== undefined) return seal.open(Buffer.from(known, "base64"));
    const made = randomBytes(32).toString("hex");
    this.#save.run(LINK_SECRET, seal.seal(made).toString("base64"));
    return made;
  }

  /** Whether something in the database may have been sealed already. */
  get hasKey(): boolean {
    return this.#value(KEY_CHECK) !== undefined;
  }

  /**
   * Ties the database to the key of `seal`, the first time; later makes sure that it is that key.
   * @throws StoreError `wrong-key`
   */
  checkKey(seal: Seal): void {
    const known = this.#value(KEY_CHECK);
    if (known === undefined) this.#save.run(KEY_CHECK, seal.seal(CHECK_TEXT).toString("base64"));
    else if (!opens(seal, known)) {
      throw new StoreError(
        "wrong-key",
        "The key file does not belong to this database: its passwords and messages cannot be opened with it. " +
          "Bring back the copies of both that were made together.",
      );
    }
  }

  /** Writes as much as some messages take, and deletes it. @throws what SQLite throws when the disk has no room for that */
  probe(): void {
    this.#put.run(PROBE, " ".repeat(PROBE_BYTES));
    this.#delete.run(PROBE);
  }

  #value(key: string): string | undefined {
    return findRow(z.string(), this.#find.get(key));
  }
}

function opens(seal: Seal, sealed: string): boolean {
  try {
    return seal.open(Buffer.from(sealed, "base64")) === CHECK_TEXT;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}
