import type Sqlite from "better-sqlite3";
import type { Disk } from "./disk.ts";
import { systemClock, type Timer } from "../util/clock.ts";
import { isBusy, isDiskError } from "./errors.ts";

// How long one transaction of works that wait may go on taking more of them, in milliseconds: the loop stands meanwhile.
const SLICE_MS = 20;
// And how many works at most, each with its promise.
const MOST_WORKS = 500;
// A few works are one commit however slow the machine is just now, so the time is looked at only after so many.
const WORKS_A_LOOK = 16;

/** Something that is to be part of a commit. */
interface Work {
  /** May be called several times; only the last one counts. */
  run(): void;
  /** What it did last is on disk. */
  done(): void;
  /** Nothing of it is on disk. */
  failed(error: unknown): void;
}

/** What became of the first works of a group. */
interface Committed {
  readonly count: number;
  /** Those of them of which nothing was committed. */
  readonly failures: ReadonlyMap<Work, unknown>;
}

/**
 * The transactions of a database, of which there is one at a time.
 *
 * The problem: a durable commit waits for the disk, and costs as much for one row as for a hundred. So what can wait until
 * the end of this turn of the loop shares one commit with all else that was handed over in it, by whichever conversation.
 *
 * ```
 *   commit(a) commit(b) ─ the turn ends ─► BEGIN a b COMMIT ─► the promises of a and b
 *   commit(a) run(b) ────────────────────► BEGIN a b COMMIT ─► b returns, the promise of a
 * ```
 *
 * - Works run in the order in which they were handed over, and nothing that is written at once overtakes them.
 * - If one throws, all is rolled back and done again with a savepoint for each, so that only that one is undone: savepoints
 *   for all would cost every commit what one in a million needs. If the disk does not take them all, or COMMIT fails, each is
 *   tried in a transaction of its own, and if another program has locked the database, all fail. So a work may run several
 *   times: it touches the store alone, and what it hands out counts only once its promise is fulfilled.
 * - No promise is settled before COMMIT has returned.
 */
export class Transactions {
  readonly #database: Sqlite.Database;
  readonly #disk: Disk;
  readonly #sql: ReturnType<typeof prepare>;
  #waiting: readonly Work[] = [];
  #added: Work[] = [];
  #isScheduled = false;
  #commits = 0;
  /** Runs while all that waits can go on waiting. */
  #patience: Timer | undefined;

  constructor(database: Sqlite.Database, disk: Disk) {
    this.#database = database;
    this.#disk = disk;
    this.#sql = prepare(database);
  }

  /** How many transactions have been committed. */
  get commits(): number {
    return this.#commits;
  }

  /** Whether something waits for its commit. */
  get isWaiting(): boolean {
    return this.#added.length > 0 || this.#waiting.length > 0;
  }

  /**
   * Does `work` in the commit of this turn of the loop, or, where it may wait, in the next that is made.
   * @param withinMs how long it may wait for others, in milliseconds
   * @throws what `work` throws, or what the disk does; nothing of it has been written then
   */
  commit<T>(work: () => T, withinMs = 0): Promise<T> {
    // It would be handed over again whenever the work around it is done again.
    if (this.#database.inTransaction) return Promise.reject(new Error("a work cannot hand over another one"));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#added.push(toWork(work, resolve, reject));
    if (withinMs === 0) this.#schedule();
    // By real time: it stands for how long a disk takes, which no test can wait for.
    else if (!this.#isScheduled) this.#patience ??= systemClock.after(withinMs, () => this.#commitWaiting());
    return promise;
  }

  /**
   * Does `work` at once: in one commit with what waits, which comes first; or, inside of a transaction, as a part of that.
   * @throws what `work` throws, or what the disk does; nothing of it has been written then
   */
  run<T>(work: () => T): T {
    if (this.#database.inTransaction) return this.#disk.run(this.#database, () => this.#nested(work));
    if (!this.isWaiting) return this.#disk.run(this.#database, () => this.#whole(work));
    const outcome: Array<() => T> = [];
    const own = toWork(
      work,
      (value) => outcome.push(() => value),
      (error) => outcome.push(() => raise(error)),
    );
    this.#added.push(own);
    this.flush();
    const [end] = outcome;
    if (end === undefined) throw new Error("a work has neither been committed nor failed");
    return end();
  }

  /** Commits all that waits. */
  flush(): void {
    while (this.isWaiting) this.#commitSome();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After the sockets of this turn have been read, so that what they brought is one commit.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#commitWaiting();
    });
  }

  #commitWaiting(): void {
    // It may have been taken along meanwhile.
    if (this.isWaiting) this.#commitSome();
    if (this.isWaiting) this.#schedule();
  }

  /** Commits the oldest works that wait, as many as one turn has time for. */
  #commitSome(): void {
    const works = this.#waiting.length > 0 ? [...this.#waiting, ...this.#added] : this.#added;
    this.#added = [];
    this.#patience?.cancel();
    this.#patience = undefined;
    const { count, failures } = this.#commitFirst(works);
    this.#waiting = works.slice(count);
    for (const work of works.slice(0, count)) {
      if (failures.has(work)) work.failed(failures.get(work));
      else work.done();
    }
  }

  #commitFirst(works: readonly Work[]): Committed {
    try {
      return this.#disk.run(this.#database, () => this.#together(works));
    } catch (error) {
      // Not each once more: it has been waited for as long as the loop can stand, and it is none of theirs.
      if (isBusy(error)) return { count: works.length, failures: new Map(works.map((work) => [work, error])) };
      return this.#oneByOne(works);
    }
  }

  #together(works: readonly Work[]): Committed {
    try {
      return this.#whole(() => inSlice(works, (work) => work.run()));
    } catch (error) {
      // A COMMIT that failed for that may not be tried again: the second could succeed without having written anything.
      if (isDiskError(error)) throw error;
    }
    const isForAll = (error: unknown): boolean => isDiskError(error) || !this.#database.inTransaction;
    return this.#whole(() => inSlice(works, (work) => this.#nested(() => work.run()), isForAll));
  }

  #oneByOne(works: readonly Work[]): Committed {
    const alone = (work: Work): void => this.#disk.run(this.#database, () => this.#whole(() => work.run()));
    return inSlice(works, alone, () => false);
  }

  #whole<T>(work: () => T): T {
    const { begin, commit, rollback } = this.#sql;
    begin.run();
    try {
      const value = work();
      commit.run();
      this.#commits += 1;
      return value;
    } catch (error) {
      // SQLite may have done so itself.
      if (this.#database.inTransaction) rollback.run();
      throw error;
    }
  }

  #nested<T>(work: () => T): T {
    const { savepoint, release, rollbackTo } = this.#sql;
    savepoint.run();
    try {
      const value = work();
      release.run();
      return value;
    } catch (error) {
      if (this.#database.inTransaction) {
        rollbackTo.run();
        release.run();
      }
      throw error;
    }
  }
}

/**
 * Does works one after the other, until the time of a slice is over.
 * @param isForAll whether an error of one ends the slice; all do if not given
 */
function inSlice(
  works: readonly Work[],
  run: (work: Work) => void,
  isForAll: (error: unknown) => boolean = () => true,
): Committed {
  const failures = new Map<Work, unknown>();
  const end = performance.now() + SLICE_MS;
  let count = 0;
  for (const work of works) {
    try {
      run(work);
    } catch (error) {
      if (isForAll(error)) throw error;
      failures.set(work, error);
    }
    count += 1;
    if (count === MOST_WORKS || (count % WORKS_A_LOOK === 0 && performance.now() > end)) break;
  }
  return { count, failures };
}

function toWork<T>(work: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): Work {
  const values: T[] = [];
  return {
    run: () => {
      values[0] = work();
    },
    done: () => values.forEach(resolve),
    failed: reject,
  };
}

function raise(error: unknown): never {
  throw error;
}

// better-sqlite3's own transactions prepare and bind all of these whenever one is made.
function prepare(database: Sqlite.Database) {
  return {
    // At once for writing: what another program has written meanwhile could not be waited for later.
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    savepoint: database.prepare("SAVEPOINT part"),
    release: database.prepare("RELEASE part"),
    rollbackTo: database.prepare("ROLLBACK TO part"),
  };
}
