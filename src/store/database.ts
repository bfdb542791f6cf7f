import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import { z } from "zod";
import { BUSY_TIMEOUT_MS, Disk, emptyLog } from "./disk.ts";
import { isBusy, isDiskFull, isForWantOfRoom, noRoom, StoreError } from "./errors.ts";
import { takeLock, type Lock } from "./lock.ts";
import { MIGRATIONS } from "./migrations.ts";
import { Transactions } from "./transactions.ts";
import { WatchedFiles } from "./watched-files.ts";

/** An open database. Whatever is done with it goes through its disk. */
export interface Database {
  readonly inTransaction: boolean;
  /** How many transactions have been committed; what is written in none counts for nothing. */
  readonly commits: number;
  prepare(sql: string): Sqlite.Statement;
  /** Does everything in `work` in one commit, or nothing; again where the disk was full and room could be made. */
  transaction<T>(work: () => T): T;
  /** Does so in the commit of this turn of the loop (`Transactions.commit`). */
  commit<T>(work: () => T, withinMs?: number): Promise<T>;
  exec(sql: string): void;
  pragma(source: string, options?: Sqlite.PragmaOptions): unknown;
  /**
   * Moves what the write-ahead log holds into the database and empties it: until then old pages, with what was wiped since,
   * stay in it.
   * @returns false where another program reads the database just now
   */
  emptyLog(): boolean;
  close(): void;
}

const checkpoint = z.tuple([z.object({ busy: z.int() })]);

// "MSNB" as four bytes: tells our files from the databases of other programs.
const APPLICATION_ID = 0x4d534e42;

// A commit writes every page that it touches, whole: two to four, of which a row and its keys fill little. Measured for a
// message that is accepted and settled alone: 24 KB with pages of 4096 bytes, 16 with 2048, 12 with 1024; below that long
// messages cost more than is won. A database that was made with other pages keeps them.
const PAGE_BYTES = 1024;
// How large the write-ahead log grows before it is moved into the database: a page that was written often meanwhile is moved
// once. As much as SQLite's own default is with pages of 4096 bytes; the reserve for a full disk has room for it.
const LOG_BYTES = 4 * 1024 * 1024;
// How much of the database is kept in memory.
const CACHE_BYTES = 2 * 1024 * 1024;

/**
 * Opens the database at `path`, making it and its folder where there is none, and brings its schema up to date. It belongs
 * to this process alone, but other programs may read it meanwhile, to make a backup.
 * @param isDurable whether what is written outlives a power cut, and not only the process
 * @param image what a database in memory begins with
 * @throws StoreError `in-use`, `newer-schema`, `unreadable`, `disk-full` or `disk-broken`
 */
export function openDatabase(path: string, disk = new Disk(path), isDurable = true, image?: Buffer): Database {
  const lock = path === ":memory:" ? undefined : lockFor(path);
  const database = onDisk(connect(path, lock, image), disk, lock);
  try {
    refuseForeign(database, path);
    database.pragma(`page_size = ${PAGE_BYTES}`);
    database.pragma("journal_mode = WAL");
    database.pragma(`synchronous = ${isDurable ? "FULL" : "OFF"}`);
    database.pragma("secure_delete = ON");
    // A full folder for temporary files would be taken for a full disk.
    database.pragma("temp_store = MEMORY");
    // By default it would grow with the accounts up to 16 MB; what is asked for often takes far less (measured).
    database.pragma(`cache_size = -${CACHE_BYTES / 1024}`);
    database.pragma(`wal_autocheckpoint = ${Math.floor(LOG_BYTES / readNumber(database, "page_size"))}`);
    // A step that builds a table again must be able to drop the old one without emptying those that refer to it.
    database.pragma("foreign_keys = OFF");
    migrate(database, path);
    database.pragma("foreign_keys = ON");
    if (path !== ":memory:") disk.watch(new WatchedFiles(path));
    return database;
  } catch (error) {
    database.close();
    throw explain(path, error);
  }
}

/** Runs every step that `database` has not taken yet, each as one transaction. */
function migrate(database: Database, path: string): void {
  const version = readNumber(database, "user_version");
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      "newer-schema",
      `The database ${path} was written by a newer version of the bridge (schema ${version}, this version knows ` +
        `${MIGRATIONS.length}): run that version again, or bring back a copy of the database made before the upgrade.`,
    );
  }
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.exec(step);
      const orphans = z.array(z.unknown()).parse(database.pragma("foreign_key_check"));
      if (orphans.length > 0)
        throw new Error(`step ${index + 1} of the schema left ${orphans.length} rows without a parent`);
      database.pragma(`user_version = ${index + 1}`);
      database.pragma(`application_id = ${APPLICATION_ID}`);
    });
  }
}

function refuseForeign(database: Database, path: string): void {
  const tables = z.int().parse(database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get());
  if (tables === 0 || readNumber(database, "application_id") === APPLICATION_ID) return;
  throw new StoreError(
    "unreadable",
    `The database ${path} belongs to another program: set database.uri to another file.`,
  );
}

function readNumber(database: Database, pragma: "user_version" | "application_id" | "page_size"): number {
  return z.int().parse(database.pragma(pragma, { simple: true }));
}

function lockFor(path: string): Lock {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    makeFile(path);
    return lockAt(`${realpathSync(path)}.lock`, path);
  } catch (error) {
    throw explain(path, error);
  }
}

/** @param lockPath beside the file itself, by whichever links it is reached: all who open it meet there */
function lockAt(lockPath: string, path: string): Lock {
  makeFile(lockPath);
  try {
    // SQLite would lock nothing where it can only read.
    accessSync(lockPath, constants.R_OK | constants.W_OK);
    return takeLock(lockPath);
  } catch (error) {
    if (isBusy(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const words =
      `The database ${path} cannot be locked: ${reason}. Its lock is ${lockPath}, an empty file that the bridge has to be ` +
      "allowed to write: if it is anything else, move it away while no bridge runs.";
    throw new StoreError("unreadable", words, { cause: error });
  }
}

// SQLite would give a new file the rights of any other file; its -wal and -shm take those of the database. A file that is
// there is not even opened: closing it would end the locks that this process has on it (POSIX, fcntl).
function makeFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}

function onDisk(database: Sqlite.Database, disk: Disk, lock: Lock | undefined): Database {
  const transactions = new Transactions(database, disk);
  // What waits may be what a single statement is about, so that comes first, in the same commit.
  const write = <T>(work: () => T): T =>
    transactions.isWaiting && !database.inTransaction ? transactions.run(work) : disk.run(database, work);
  return {
    get inTransaction() {
      return database.inTransaction;
    },
    get commits() {
      return transactions.commits;
    },
    prepare: (sql) => {
      // The first one reads the schema, and so begins to use the log, which needs room.
      const statement = disk.run(database, () => database.prepare(sql));
      const [run, get, all] = [
        statement.run.bind(statement),
        statement.get.bind(statement),
        statement.all.bind(statement),
      ];
      const access = statement.readonly ? <T>(work: () => T): T => disk.run(database, work) : write;
      return Object.assign(statement, {
        run: (...values: unknown[]) => access(() => run(...values)),
        get: (...values: unknown[]) => access(() => get(...values)),
        all: (...values: unknown[]) => access(() => all(...values)),
      });
    },
    transaction: (work) => transactions.run(work),
    commit: (work, withinMs) => transactions.commit(work, withinMs),
    exec: (sql) => void write(() => database.exec(sql)),
    pragma: (source, options) => disk.run(database, () => database.pragma(source, options)),
    emptyLog: () => checkpoint.parse(disk.run(database, () => emptyLog(database)))[0].busy === 0,
    close: () => {
      transactions.flush();
      database.close();
      lock?.release();
    },
  };
}

function connect(path: string, lock: Lock | undefined, image?: Buffer): Sqlite.Database {
  try {
    return new Sqlite(image ?? path, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    lock?.release();
    throw explain(path, error);
  }
}

function explain(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || error instanceof StoreError) return error;
  const code = String(error.code);
  if (isBusy(error)) {
    return new StoreError(
      "in-use",
      `The database ${path} is in use by another program, most likely by a bridge that is still running: stop that first.`,
      { cause: error },
    );
  }
  if (isDiskFull(error) || isForWantOfRoom(error)) return noRoom(path, error);
  const reason = code === "SQLITE_NOTADB" ? "the file is not a database" : error.message;
  const words =
    `The database ${path} cannot be opened: ${reason}. It must be a file that this user can write, in a folder that this user ` +
    "can write. If it was one before, restore a backup of it and of its key file.";
  return new StoreError("unreadable", words, { cause: error });
}
