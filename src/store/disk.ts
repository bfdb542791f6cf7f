import { databaseGone, diskFailure, isDiskError, isDiskFull, noRoom, StoreError } from "./errors.ts";
import type { Reserve } from "./reserve.ts";
import type { WatchedFiles } from "./watched-files.ts";

/**
 * - `full`: the reserve has been given up; what is in hand may be written, nothing new is to be accepted
 * - `broken`: a write or an fsync failed, and nothing is written or read any more
 */
export type DiskState = "fine" | "full" | "broken";

/** What the disk needs of the database that is on it. */
interface OnDisk {
  readonly inTransaction: boolean;
  pragma(source: string): unknown;
}

/** How long another program may keep us from writing, in milliseconds: those that only read never do. */
export const BUSY_TIMEOUT_MS = 1000;

/**
 * Moves what the write-ahead log holds into the database and empties it, unless another program reads the database just now:
 * a backup can take long, and nothing else would be done meanwhile.
 * @returns what SQLite says of it
 */
export function emptyLog(database: Pick<OnDisk, "pragma">): unknown {
  database.pragma("busy_timeout = 0");
  try {
    return database.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

/** Whether the disk takes what has to be written. Every access to the database goes through `run`. */
export class Disk {
  readonly #path: string;
  readonly #reserve: Reserve | undefined;
  readonly #listeners: (() => void)[] = [];
  #isFull = false;
  #failure: StoreError | undefined;
  #files: WatchedFiles | undefined;

  /**
   * @param path of the database, for sentences
   * @param reserve given up when the disk is full
   */
  constructor(path: string, reserve?: Reserve) {
    this.#path = path;
    this.#reserve = reserve;
  }

  get state(): DiskState {
    if (this.#failure !== undefined) return "broken";
    return this.#isFull ? "full" : "fine";
  }

  /** What room there may be is for what has been accepted already. @throws StoreError `disk-full` */
  throwIfFull(): void {
    if (this.state === "full") throw noRoom(this.#path);
  }

  /** Why the disk counts as broken. */
  get failure(): StoreError | undefined {
    return this.#failure;
  }

  /** Why no room is kept on the disk, though not for want of it; a sentence. */
  get reserveProblem(): string | undefined {
    return this.#reserve?.problem;
  }

  /** The database is open, and these are its files. */
  watch(files: WatchedFiles): void {
    this.#files = files;
  }

  /** Looks whether the files of the database are still those that were opened: SQLite itself does not notice. */
  look(): void {
    if (this.#failure !== undefined) return;
    this.#failure = this.#gone();
    if (this.#failure !== undefined) this.#changed();
  }

  /** Calls `listener` whenever the state has changed. It must not use the database before it returns. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Looks whether there is room for the reserve, and for more. From then on the disk is not full any more. */
  recover(): boolean {
    if (this.state === "broken" || this.#reserve?.make() === false) {
      this.#fill();
      return false;
    }
    if (this.#isFull) {
      this.#isFull = false;
      this.#changed();
    }
    return true;
  }

  /**
   * Does work on the database. Where the disk is full, room is made and the work done again: it must be all or nothing,
   * a single statement or a whole transaction.
   * @throws StoreError `disk-broken` once a write has failed for another reason than room, and for ever after
   */
  run<T>(database: OnDisk, work: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    // SQLite may have undone the whole transaction (SQLite documentation, "Response To Errors Within A Transaction"), so
    // the outermost `run` sees to it.
    if (database.inTransaction) return this.#try(work);
    for (const makeRoom of [() => this.#emptyLog(database), () => this.#giveUpReserve(database)]) {
      try {
        return this.#try(work);
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        makeRoom();
      }
    }
    return this.#try(work);
  }

  // After a failed fsync it is not known what is on the disk, and a second one may succeed without having written anything.
  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#failure ??= (isDiskError(error) ? this.#gone() : undefined) ?? diskFailure(error, this.#path);
      if (this.#failure === undefined) throw error;
      this.#changed();
      throw this.#failure;
    }
  }

  #gone(): StoreError | undefined {
    const lost = this.#files?.lost();
    return lost === undefined ? undefined : databaseGone(this.#path, lost);
  }

  // The write-ahead log alone can fill a small disk; what it holds moves into the database.
  #emptyLog(database: OnDisk): void {
    try {
      this.#try(() => emptyLog(database));
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }

  #giveUpReserve(database: OnDisk): void {
    this.#reserve?.giveUp();
    this.#fill();
    // For want of room it may have failed before.
    this.#emptyLog(database);
  }

  #fill(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
