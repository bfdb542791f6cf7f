import { join } from "node:path";
import { expect } from "chai";
import Sqlite from "better-sqlite3";
import { MIGRATIONS } from "../../src/store/migrations.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { timesOf } from "../support/calendars.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";

// Enough for the table to be written once, with some left in memory alone.
const MANY = 2600;
const A_TRANSACTION = 100;

const eventOf = (id: string): object => ({ event_id: id, room_id: "!room:example.org", type: "m.room.message" });
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);
const range = (from: number, count: number): string[] => numbers(from, count).map((number) => `$${number}`);

describe("store/event-index", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  let path: string;
  let clock: FakeClock;
  let store: Store;
  const open = (): Store => openStore({ path, keyFile: `${path}.key`, ...timesOf(clock) });
  const reopen = (): void => {
    store.close();
    store = open();
  };
  const accept = (ids: readonly string[]): number => store.journal.accept(ids.map(eventOf)).length;
  /** In transactions of the usual size. @returns how many were new */
  const acceptAll = (ids: readonly string[]): number =>
    numbers(0, Math.ceil(ids.length / A_TRANSACTION))
      .map((at) => accept(ids.slice(at * A_TRANSACTION, (at + 1) * A_TRANSACTION)))
      .reduce((sum, count) => sum + count, 0);
  const foundOf = (ids: readonly string[]): (string | null | undefined)[] =>
    ids.map((id) => store.journal.findByEventId(id)?.eventId);
  const ask = (sql: string): unknown => {
    const plain = new Sqlite(path);
    try {
      return plain.prepare(sql).pluck().get();
    } finally {
      plain.close();
    }
  };
  const written = (): unknown => ask("SELECT count(*) FROM journal_event");

  beforeEach(() => {
    path = join(folder.path, `${(files += 1)}.db`);
    clock = new FakeClock();
    store = open();
  });
  afterEach(() => store.close());

  it("knows every event again, whether it was written into the table or is among the newest", () => {
    const ids = range(0, MANY);
    expect(acceptAll(ids)).to.equal(MANY);
    expect(written(), "some are in memory alone").to.be.within(1, MANY - 1);
    for (const again of [(): void => undefined, reopen]) {
      again();
      expect(acceptAll(ids)).to.equal(0);
      expect(foundOf(ids)).to.deep.equal(ids);
      expect(foundOf(["$other"])).to.deep.equal([undefined]);
    }
    expect(ask("SELECT count(*) FROM journal")).to.equal(MANY);
  });

  it("is not written for each transaction", () => {
    acceptAll(range(0, 1000));
    expect(written()).to.equal(0);
  });

  it("counts an event once that stands twice in one transaction, also while the table is written", () => {
    const ids = range(0, MANY);
    expect(accept([...ids, ...ids])).to.equal(MANY);
    expect(foundOf(ids)).to.deep.equal(ids);
  });

  it("takes an event as new whose commit was undone, and knows all others, wherever the table was written", async () => {
    for (const [at, before] of [0, 1700, 100, 1800].entries()) {
      const kept = numbers(0, before).map((number) => `$kept-${at}-${number}`);
      const undone = numbers(0, 60).map((number) => `$undone-${at}-${number}`);
      acceptAll(kept);
      expect(() =>
        store.batch(() => {
          accept(undone);
          throw new Error("undone");
        }),
      ).to.throw("undone");
      expect(foundOf(undone).every((found) => found === undefined)).to.equal(true);
      // The same in a commit that others share, who get the numbers of its rows.
      const [failed, shared] = await Promise.allSettled([
        store.commit(() => {
          accept(undone);
          throw new Error("undone");
        }),
        store.commit(() => accept([`$shared-${at}`])),
      ]);
      expect(failed.status).to.equal("rejected");
      expect(shared).to.deep.equal({ status: "fulfilled", value: 1 });
      expect(acceptAll([...kept, `$shared-${at}`])).to.equal(0);
      expect(acceptAll(undone)).to.equal(undone.length);
      reopen();
      expect(acceptAll([...kept, ...undone, `$shared-${at}`])).to.equal(0);
      expect(foundOf([...kept, ...undone])).to.deep.equal([...kept, ...undone]);
    }
  });

  it("forgets nothing of before where a commit of very many is undone", () => {
    const kept = range(0, 2000);
    acceptAll(kept);
    expect(() =>
      store.batch(() => {
        acceptAll(range(10_000, MANY));
        throw new Error("undone");
      }),
    ).to.throw("undone");
    expect(acceptAll(kept)).to.equal(0);
    expect(accept(["$10000"])).to.equal(1);
    expect(acceptAll(kept)).to.equal(0);
  });

  it("has little to read at the start where all goes to Matrix", () => {
    const loginId = store.logins.save({ server: "one", passport: "a@b.org", owner: "@a:b.org" }).id;
    const { id } = store.portals.save({ loginId, kind: "direct", remote: "bob@hotmail.com" });
    store.batch(() => accept(["$first"]));
    for (const part of numbers(0, 5))
      store.batch(() => numbers(part, 1000).forEach(() => store.journal.acceptMessage(id, {})));
    expect(Number(ask("SELECT value FROM meta WHERE key = 'events_merged'"))).to.be.greaterThan(2000);
    expect(accept(["$first"])).to.equal(0);
  });

  it("does not take one event for another where their hashes are the same", () => {
    acceptAll(range(0, MANY));
    store.close();
    const plain = new Sqlite(path);
    plain.exec("INSERT INTO journal_event SELECT hash, 7 FROM journal_event WHERE row_id < 5");
    plain.close();
    store = open();
    expect(foundOf(range(0, 10))).to.deep.equal(range(0, 10));
  });

  it("forgets what is swept", async () => {
    const ids = range(0, MANY);
    store.batch(() => {
      for (const { id } of store.journal.accept(ids.map(eventOf))) store.journal.settle(id, "delivered");
    });
    expect(accept(["$newest"])).to.equal(1);
    await clock.advance(1000);
    for (let after: number | undefined = 0; after !== undefined;)
      after = store.journal.sweep({ olderThanMs: 500, upTo: MANY }, after).last;
    expect(ask("SELECT count(*) FROM journal")).to.equal(1);
    expect(ask("SELECT count(*) FROM journal_event JOIN journal ON id = row_id")).to.equal(written());
    expect(acceptAll(["$newest"])).to.equal(0);
    expect(acceptAll(ids)).to.equal(MANY);
  });

  it("knows the events of a database that had another index of them", () => {
    store.close();
    path = join(folder.path, "old.db");
    const old = new Sqlite(path);
    const before = MIGRATIONS.findIndex((step) => step.includes("CREATE TABLE journal_event "));
    for (const step of MIGRATIONS.slice(0, before)) old.exec(step);
    old.exec(`
      WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${MANY - 1})
      INSERT INTO journal (direction, event_id, room_id, state, created, updated)
      SELECT 'to-msn', '$' || n, '!room:example.org', 'delivered', 1, 1 FROM numbers`);
    old.pragma(`user_version = ${before}`);
    old.pragma("application_id = 0x4d534e42");
    old.close();
    store = open();
    expect(written()).to.equal(MANY);
    expect(acceptAll(range(0, MANY))).to.equal(0);
    expect(foundOf(range(0, MANY))).to.deep.equal(range(0, MANY));
    expect(acceptAll(["$new"])).to.equal(1);
  });
});
