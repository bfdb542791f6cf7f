import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import Sqlite from "better-sqlite3";
import { openStore, type Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { startJournalWriter } from "./support/writer-process.ts";
import { timesOf } from "../support/calendars.ts";

const ROOM = "!room:example.org";
const message = (id: string, more: object = {}): object => ({
  event_id: id,
  room_id: ROOM,
  type: "m.room.message",
  ...more,
});

describe("store/journal on the disk", () => {
  const folder = tempFolder();
  after(folder.remove);
  const keyFile = join(folder.path, "msn.key");
  let files = 0;
  let path: string;
  let clock: FakeClock;
  let store: Store;
  const open = (): Store => openStore({ path, keyFile, ...timesOf(clock) });

  beforeEach(() => {
    path = join(folder.path, `${(files += 1)}.db`);
    clock = new FakeClock();
    store = open();
  });
  afterEach(() => store.close());

  it("sweeps away what was settled long ago, and nothing else", async () => {
    const [old, waiting] = store.journal
      .accept([message("$old"), message("$waiting"), message("$young")])
      .map(({ id }) => id);
    store.journal.settle(old ?? 0, "delivered");
    await clock.advance(1000);
    const young = store.journal.accept([message("$last")])[0]?.id ?? 0;
    store.journal.settle(young, "delivered");
    expect(store.journal.sweep({ olderThanMs: 1001, upTo: young })).to.deep.equal({ rows: 0, last: undefined });
    expect(store.journal.sweep({ olderThanMs: 999, upTo: young })).to.deep.equal({ rows: 1, last: undefined });
    expect(store.journal.find(old ?? 0)).to.equal(undefined);
    expect(store.journal.find(young)).to.include({ state: "delivered" });
    expect(store.journal.listOpen("to-msn")).to.have.length(2).and.include(waiting);
  });

  it("sweeps many rows in slices, each of which goes on behind the one before", async () => {
    const accept = (from: number, count: number): number[] => {
      const events = Array.from({ length: count }, (_, index) => message(`$${from + index}`));
      return store.journal.accept(events).map(({ id }) => id);
    };
    const old = accept(0, 250);
    store.batch(() => {
      for (const id of old) if (id !== old[120]) store.journal.settle(id, "delivered");
    });
    await clock.advance(1000);
    const young = accept(250, 250);
    const swept: number[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const { rows, last } = store.journal.sweep({ olderThanMs: 500, upTo: old.at(-1) ?? 0 }, after);
      expect(rows).to.be.lessThan(150);
      swept.push(rows);
      after = last;
    }
    expect(swept.reduce((sum, rows) => sum + rows, 0)).to.equal(249);
    // At those that are younger it does not look.
    expect(swept.length).to.be.lessThan(4);
    expect(store.journal.listOpen("to-msn")).to.deep.equal([old[120], ...young]);
  });

  it("empties its log, unless another program reads the database", () => {
    store.journal.accept([message("$a")]);
    const reader = new Sqlite(path, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM journal").get();
    store.journal.accept([message("$b")]);
    expect(store.wipe()).to.equal(false);
    reader.close();
    expect(statSync(`${path}-wal`).size).to.be.greaterThan(0);
    expect(store.wipe()).to.equal(true);
    expect(statSync(`${path}-wal`).size).to.equal(0);
  });

  it("leaves no secret on the disk", () => {
    const onDisk = (needle: string | Buffer): boolean =>
      readdirSync(folder.path)
        .filter((name) => join(folder.path, name).startsWith(path))
        .some((name) => readFileSync(join(folder.path, name)).includes(needle));
    const [accepted] = store.journal.accept([
      message("$secret", { content: { body: "login anna@hotmail.com hunter2" } }),
    ]);
    const login = { server: "one", passport: "anna@hotmail.com", owner: "@anna:example.org" };
    const loginId = store.logins.save(login).id;
    store.logins.setCredentials(loginId, login.passport, "swordfish");
    const portalId = store.portals.save({ loginId, kind: "direct", remote: "bob@hotmail.com" }).id;
    const row = store.journal.acceptMessage(portalId, { text: "meet me at hunter2" });
    expect(onDisk("$secret")).to.equal(true);
    expect(onDisk("hunter2")).to.equal(false);
    expect(onDisk("swordfish")).to.equal(false);

    store.close();
    const plain = new Sqlite(path);
    const bodies = plain.prepare("SELECT body FROM journal UNION ALL SELECT password FROM login").pluck().all();
    plain.close();
    const pieces = bodies.map((body) => (Buffer.isBuffer(body) ? body : Buffer.alloc(0)).subarray(-16));
    expect(pieces.map((piece) => piece.length === 16 && onDisk(piece))).to.deep.equal([true, true, true]);

    store = open();
    store.journal.settle(accepted?.id ?? 0, "delivered");
    store.journal.settle(row.id, "failed", "gone");
    store.logins.delete(loginId);
    store.wipe();
    expect(pieces.map(onDisk)).to.deep.equal([false, false, false]);
    expect(onDisk("hunter2")).to.equal(false);
    expect(onDisk("$secret")).to.equal(true);
  });

  it("has everything that was accepted before the process was killed", async () => {
    store.close();
    const killed = join(folder.path, "killed.db");
    const writer = await startJournalWriter(killed);
    const printed = await writer.kill();
    store = openStore({ path: killed, keyFile: `${killed}.key`, ...timesOf(clock) });
    const kept = store.journal.listOpen("to-msn").map((id) => `${id} ${store.journal.get(id).eventId}`);
    expect(printed.length).to.be.greaterThan(20);
    expect(kept.slice(0, printed.length)).to.deep.equal(printed);
    // Committed, but killed before it could say so.
    expect(kept.length - printed.length).to.be.within(0, 1);
    expect(store.journal.accept([message("$event-1")])).to.deep.equal([]);
    for (const id of store.journal.listOpen("to-msn")) expect(store.journal.body(id)).to.have.property("count", id);
  });
});
