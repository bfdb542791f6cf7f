import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { DISK_WAIT_MS, isAway, retry } from "../../../src/bridge/base/retry.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";

const AWAY = new MatrixError("unreachable", "the homeserver could not be reached");
const SLOWER = new MatrixError("rate-limited", "too fast", { retryAfterMs: 300_000 });
const REFUSED = new MatrixError("forbidden", "it may not");
const FULL = new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
const BUG = new TypeError("undefined is not a function");

describe("bridge/base/retry", () => {
  let clock: FakeClock;
  let stopping: AbortController;
  let tried: number;
  beforeEach(() => void ([clock, stopping, tried] = [new FakeClock(), new AbortController(), 0]));

  /** Fails with these errors, one for each try, and then succeeds. */
  async function run(errors: readonly Error[], tries = Number.POSITIVE_INFINITY): Promise<string> {
    const work = (): string => {
      const error = errors[tried];
      tried += 1;
      if (error !== undefined) throw error;
      return "done";
    };
    return retry(work, { clock, signal: stopping.signal, tries });
  }

  it("begins at once, and goes on while the homeserver is away", async () => {
    const done = run([AWAY, AWAY, AWAY]);
    expect(tried).to.equal(1);
    await clock.advance(1000 + 2000 + 4000);
    expect(await done).to.equal("done");
    expect([tried, clock.waiting]).to.deep.equal([4, 0]);
  });

  it("waits as long as the homeserver asks for, and for the disk", async () => {
    const done = run([SLOWER, FULL]);
    await clock.advance(299_999);
    expect(tried).to.equal(1);
    await clock.advance(1);
    expect(tried).to.equal(2);
    await clock.advance(DISK_WAIT_MS - 1);
    expect(tried).to.equal(2);
    await clock.advance(1);
    expect(await done).to.equal("done");
  });

  it("gives up after so many tries, with the last error", async () => {
    const failed = rejection(run([AWAY, AWAY, SLOWER, AWAY], 3));
    await clock.advance(10_000);
    expect([await failed, tried]).to.deep.equal([SLOWER, 3]);
  });

  for (const error of [REFUSED, BUG]) {
    it(`does not try again what would fail again: ${error.message}`, async () => {
      expect(await rejection(run([error]))).to.equal(error);
      expect([tried, isAway(error)]).to.deep.equal([1, false]);
    });
  }

  it("ends when the bridge stops, after one more try", async () => {
    const failed = rejection(run([AWAY, AWAY, AWAY]));
    await clock.advance(0);
    stopping.abort();
    expect([await failed, tried, clock.waiting]).to.deep.equal([AWAY, 2, 0]);
  });
});
