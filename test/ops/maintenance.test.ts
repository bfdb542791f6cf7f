import { join } from "node:path";
import { expect } from "chai";
import { openStore } from "../../src/store/store.ts";
import { Maintenance } from "../../src/ops/maintenance.ts";
import { captureLog } from "../support/captured-log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

const DAYS_30_MS = 30 * 24 * 60 * 60_000;

describe("ops/maintenance", () => {
  const folder = tempFolder();
  after(folder.remove);

  it("logs what fails, and tries it again at the next turn", async () => {
    const clock = new FakeClock();
    const captured = captureLog();
    const store = openStore({
      path: join(folder.path, "msn.db"),
      keyFile: join(folder.path, "msn.key"),
      ...timesOf(clock),
    });
    let isFull = true;
    const disk = new Error("database or disk is full");
    const fails = <T>(work: () => T): T => {
      if (isFull) throw disk;
      return work();
    };
    const { run, journal } = store;
    const alive = run.alive.bind(run);
    const sweep = journal.sweep.bind(journal);
    run.alive = (now) => fails(() => alive(now));
    journal.sweep = (...args) => fails(() => sweep(...args));
    const maintenance = new Maintenance(store, timesOf(clock), captured.log);
    try {
      expect(captured.messages("error")).to.have.length(2);
      await clock.advance(20_000);
      expect(captured.messages("error")).to.have.length(3);
      expect(captured.lines.at(-1)).to.include("disk is full");
      expect(run.lastAlive).to.equal(undefined);
      isFull = false;
      await clock.advance(20_000);
      expect(captured.messages("error")).to.have.length(3);
      expect(run.lastAlive).to.deep.equal(clock.date);
      await clock.advance(24 * 60 * 60_000);
      expect(captured.messages("debug")).to.deep.equal(["removed old rows from the journal"]);
    } finally {
      maintenance.stop();
      store.close();
    }
    expect(clock.waiting).to.equal(0);
  });

  it("sweeps the journal in slices, then wipes what is left of it, again where a backup is in the way", async () => {
    const clock = new FakeClock();
    const captured = captureLog();
    const store = openStore({
      path: join(folder.path, "old.db"),
      keyFile: join(folder.path, "msn.key"),
      ...timesOf(clock),
    });
    const events = Array.from({ length: 1000 }, (_, index) => ({ event_id: `$${index}`, room_id: "!a", type: "x" }));
    store.batch(() => {
      for (const { id } of store.journal.accept(events)) store.journal.settle(id, "delivered");
    });
    store.journalAges.newestOf(DAYS_30_MS);
    await clock.advance(DAYS_30_MS + 1);
    const wipes: number[] = [];
    const maintenance = new Maintenance(
      { ...store, wipe: () => wipes.push(clock.now()) > 1 && store.wipe() },
      timesOf(clock),
      captured.log,
    );
    try {
      expect(store.journal.find(999)).to.not.equal(undefined);
      await clock.advance(1000);
      expect([999, 1000].map((id) => store.journal.find(id)?.id)).to.deep.equal([undefined, 1000]);
      expect(captured.messages("debug")).to.deep.equal(["removed old rows from the journal"]);
      expect(wipes).to.have.length(1);
      await clock.advance(60_000);
      expect(wipes).to.have.length(2);
      await clock.advance(60_000);
      expect(wipes).to.have.length(2);
    } finally {
      maintenance.stop();
      store.close();
    }
    expect(clock.waiting).to.equal(0);
  });
});
