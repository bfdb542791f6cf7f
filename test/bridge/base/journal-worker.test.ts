import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { JournalWorker, type Job, type Patience } from "../../../src/bridge/base/journal-worker.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const AWAY = new MatrixError("unreachable", "the homeserver could not be reached");
const SLOWER = new MatrixError("rate-limited", "too fast", { retryAfterMs: 300_000 });
const REFUSED = new MatrixError("forbidden", "it may not");
const FULL = new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
const BUG = new TypeError("undefined is not a function");

/** Rows that fail as they are told, one error for each try. */
class Rows implements Job<string> {
  readonly name = "rows";
  readonly waiting = ["a", "b"];
  readonly said: string[] = [];
  readonly failures: number[] = [];
  errors: Error[] = [];
  keeps = false;
  meanwhile: () => Promise<void> = () => Promise.resolve();

  next(): string | undefined {
    return this.waiting[0];
  }

  async work(row: string, failures: number): Promise<void> {
    this.failures.push(failures);
    await this.meanwhile();
    const error = this.errors.shift();
    if (error !== undefined) throw error;
    this.said.push(row);
    this.waiting.shift();
  }

  giveUp(row: string, error: unknown): boolean {
    if (error === AWAY && this.keeps) throw FULL;
    this.said.push(`no ${row}`);
    if (!this.keeps) this.waiting.shift();
    return this.keeps;
  }
}

describe("bridge/base/journal-worker", () => {
  let clock: FakeClock;
  let stopping: AbortController;
  let rows: Rows;
  beforeEach(() => {
    [clock, stopping, rows] = [new FakeClock(), new AbortController(), new Rows()];
  });
  const start = (patience?: Patience): JournalWorker<string> => {
    const worker = new JournalWorker({ clock, log: silentLog, signal: stopping.signal }, rows, patience);
    worker.wake();
    return worker;
  };

  it("does one after the other until nothing waits, and goes on when it is woken", async () => {
    const worker = start();
    await clock.advance(0);
    rows.waiting.push("c");
    await clock.advance(0);
    expect(rows.said).to.deep.equal(["a", "b"]);
    worker.wake();
    await clock.advance(0);
    expect(rows.said).to.deep.equal(["a", "b", "c"]);
  });

  it("tries the same again while the homeserver is away, after waits that grow to a minute", async () => {
    rows.errors = Array.from({ length: 12 }, () => AWAY);
    start();
    const waits: number[] = [];
    for (let last = clock.now(); rows.said.length === 0;) {
      const before = rows.failures.length;
      while (rows.failures.length === before) await clock.advance(250);
      waits.push(clock.now() - last);
      last = clock.now();
    }
    expect(rows.said).to.deep.equal(["a", "b"]);
    expect(rows.failures).to.deep.equal([...Array.from({ length: 13 }, (_, index) => index), 0]);
    expect(waits.at(1)).to.be.within(500, 1250);
    expect(waits.at(-1)).to.be.within(30_000, 60_250);
  });

  it("waits for as long as the homeserver asks", async () => {
    rows.errors = [SLOWER];
    start();
    await clock.advance(299_000);
    expect(rows.said).to.deep.equal([]);
    await clock.advance(1000);
    expect(rows.said).to.deep.equal(["a", "b"]);
  });

  it("gives up what the homeserver does not take after so many tries, and counts anew for the next", async () => {
    rows.errors = [AWAY, AWAY, AWAY, AWAY, AWAY];
    start({ tries: 3, mostMs: 2000 });
    await clock.advance(60_000);
    expect(rows.said).to.deep.equal(["no a", "b"]);
    expect(rows.failures).to.deep.equal([0, 1, 2, 0, 1, 2]);
  });

  it("gives up at once what is refused, and what fails for a mistake of ours", async () => {
    rows.errors = [REFUSED, BUG];
    start();
    await clock.advance(0);
    expect(rows.said).to.deep.equal(["no a", "no b"]);
  });

  it("tries again later what was given up but is kept", async () => {
    rows.keeps = true;
    rows.errors = [REFUSED];
    start();
    await clock.advance(499);
    expect(rows.said).to.deep.equal(["no a"]);
    await clock.advance(501);
    expect(rows.said).to.deep.equal(["no a", "a", "b"]);
  });

  it("rests while the disk is full, whether in the work or in giving up", async () => {
    rows.errors = [FULL, AWAY];
    rows.keeps = true;
    start({ tries: 2 });
    await clock.advance(9999);
    expect(rows.failures).to.deep.equal([0]);
    await clock.advance(1);
    expect(rows.failures).to.deep.equal([0, 1]);
    await clock.advance(10_000);
    expect(rows.said).to.deep.equal(["a", "b"]);
  });

  it("leaves everything as it is once the bridge stops, and no timer", async () => {
    const blocked = Promise.withResolvers<void>();
    rows.meanwhile = () => blocked.promise;
    rows.errors = [BUG];
    const worker = start();
    await clock.advance(0);
    stopping.abort();
    blocked.resolve();
    await worker.stop();
    worker.wake();
    await clock.advance(0);
    expect(rows.said).to.deep.equal([]);
    expect(rows.waiting).to.deep.equal(["a", "b"]);
    expect(clock.waiting).to.equal(0);
  });

  it("ends a wait for the homeserver when the bridge stops", async () => {
    rows.errors = [SLOWER];
    const worker = start();
    await clock.advance(0);
    stopping.abort();
    await worker.stop();
    expect(rows.said).to.deep.equal([]);
    expect(clock.waiting).to.equal(0);
  });
});
