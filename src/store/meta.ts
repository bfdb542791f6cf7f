import { randomBytes } from "node:crypto";
import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { findRow } from "./rows.ts";
import type { SealedPlace } from "./places.ts";
import { openIfPossible, type Seal } from "./seal.ts";

const KEY_CHECK = "key_check";
const INSTANCE = "instance";
const LINK_SECRET = "link_secret";
const PROBE = "probe";
// More than what is left of the last block of the write-ahead log.
const PROBE_BYTES = 16 * 1024;

/** How a key fits a database: `new` has none yet, and in an `older` one nothing is sealed for its place. */
export type KeyFit = "new" | "right" | "older" | "wrong";

// What is sealed does not matter, as long as only the right key opens it.
const CHECK_TEXT = "matrix-appservice-msn";

/** Opens a sealed value that stands in a place. @throws StoreError `damaged` */
export type Opener = (sealed: Buffer, place: SealedPlace) => string;

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

  /** What signs links to files: the same since it was first asked for, unless that does not open any more. */
  linkSecret(seal: Seal): string {
    const known = this.#value(LINK_SECRET);
    const secret =
      known === undefined
        ? undefined
        : openIfPossible(() => seal.open(Buffer.from(known, "base64"), placeOf(LINK_SECRET)));
    if (secret !== undefined) return secret;
    const made = randomBytes(32).toString("hex");
    this.#putSealed(seal, LINK_SECRET, made);
    return made;
  }

  /** Whether something in the database may have been sealed already. */
  get hasKey(): boolean {
    return this.#value(KEY_CHECK) !== undefined;
  }

  /** How the key of `seal` fits. */
  fit(seal: Seal): KeyFit {
    const known = this.#value(KEY_CHECK);
    if (known === undefined) return "new";
    const sealed = Buffer.from(known, "base64");
    if (opens(() => seal.open(sealed, placeOf(KEY_CHECK)))) return "right";
    return opens(() => seal.openUnbound(sealed)) ? "older" : "wrong";
  }

  /**
   * Ties the database to the key of `seal`, and seals with it what is sealed here.
   * @param open opens what is sealed here until now
   */
  reseal(seal: Seal, open: Opener): void {
    const secret = this.#value(LINK_SECRET);
    if (secret !== undefined)
      this.#putSealed(seal, LINK_SECRET, open(Buffer.from(secret, "base64"), placeOf(LINK_SECRET)));
    this.#putSealed(seal, KEY_CHECK, CHECK_TEXT);
  }

  #putSealed(seal: Seal, key: string, text: string): void {
    this.#put.run(key, seal.seal(text, placeOf(key)).toString("base64"));
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

function placeOf(key: string): SealedPlace {
  return ["meta.value", key];
}

function opens(open: () => string): boolean {
  return openIfPossible(open) === CHECK_TEXT;
}
