import { expect } from "chai";
import { join } from "node:path";
import { openStore, type Store } from "../../src/store/store.ts";
import { systemClock } from "../../src/util/clock.ts";
import { timesOf } from "../support/calendars.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ANNA = "@anna:example.org";
const EVENT = { type: "m.room.message", sender: ANNA, room_id: "!a:example.org", content: {} };

describe("store/run", () => {
  const folder = tempFolder();
  after(() => folder.remove());
  let store: Store;
  let events = 0;
  beforeEach(() => {
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), ...timesOf(systemClock) });
  });
  afterEach(() => store.close());

  /** The numbers of the next row and the next notice. */
  function next(): (number | undefined)[] {
    events += 1;
    const [row] = store.journal.accept([{ ...EVENT, event_id: `$${events}` }]);
    store.notices.add({ owner: ANNA, roomId: null, replyTo: null, body: "x", about: null, isLast: false, answers: [] });
    const notice = store.notices.next(ANNA);
    store.notices.delete(notice?.id ?? 0);
    return [row?.id, notice?.id];
  }

  it("numbers from the time on at which it begins, and never back", () => {
    expect(next()).to.deep.equal([1, 1]);
    const now = Date.now();
    for (const time of [now, now, now - 1000]) store.run.begin(new Date(time));
    expect(next()).to.deep.equal([now + 1, now + 1]);
    store.run.begin(new Date(now + 1));
    expect(next()).to.deep.equal([now + 2, now + 2]);
    store.run.begin(new Date(now + 60_000));
    expect(next()).to.deep.equal([now + 60_001, now + 60_001]);
  });

  it("is the first of a new database", () => {
    const now = Date.now();
    store.run.begin(new Date(now));
    expect(next()).to.deep.equal([now + 1, now + 1]);
  });
});
