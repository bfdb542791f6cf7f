import { join } from "node:path";
import { expect } from "chai";
import { openStore, type Store } from "../../src/store/store.ts";
import { timesOf } from "../support/calendars.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";

const DAY = 24 * 60 * 60_000;
const KEPT = 30 * DAY;

describe("store/journal-ages", () => {
  const folder = tempFolder();
  after(folder.remove);
  let clock: FakeClock;
  let store: Store;
  let files = 0;
  let path: string;
  const open = (): Store => openStore({ path, keyFile: join(folder.path, "key"), ...timesOf(clock) });
  beforeEach(() => {
    path = join(folder.path, `${(files += 1)}.db`);
    clock = new FakeClock();
    store = open();
  });
  afterEach(() => store.close());

  function settle(eventId: string): number {
    const [row] = store.journal.accept([{ event_id: eventId, room_id: "!a", type: "x" }]);
    store.journal.settle(row?.id ?? 0, "delivered");
    return row?.id ?? 0;
  }

  function sweep(): void {
    store.journal.sweep({ olderThanMs: KEPT, upTo: store.journalAges.newestOf(KEPT) });
  }

  it("make rows old that were there before the bridge had run for so long, over all its runs", () => {
    const old = settle("$old");
    for (let day = 0; day < 30; day += 1) {
      sweep();
      clock.holdUp(DAY);
      if (day % 7 !== 0) continue;
      store.run.end();
      store.close();
      store = open();
    }
    const young = settle("$young");
    expect(store.journal.find(old)?.id).to.equal(old);
    clock.holdUp(1);
    sweep();
    expect([store.journal.find(old)?.id, store.journal.find(young)?.id]).to.deep.equal([undefined, young]);
  });

  for (const byMs of [400 * DAY, -400 * DAY]) {
    it(`make none old where the date is set by ${byMs / DAY} days, also between two runs`, () => {
      const row = settle("$a");
      clock.setDate(byMs);
      sweep();
      store.close();
      clock.setDate(byMs);
      store = open();
      sweep();
      expect(store.journal.find(row)?.id).to.equal(row);
    });
  }

  it("let rows go that were settled at a date which is no more", () => {
    clock.setDate(400 * DAY);
    const row = settle("$a");
    settle("$last");
    sweep();
    clock.setDate(-400 * DAY);
    clock.holdUp(KEPT);
    sweep();
    expect(store.journal.find(row)).to.equal(undefined);
  });
});
