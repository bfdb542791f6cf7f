import { expect } from "chai";
import { join } from "node:path";
import { openStore, type Store } from "../../src/store/store.ts";
import { systemClock } from "../../src/util/clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

describe("store/notices", () => {
  const folder = tempFolder();
  after(() => folder.remove());
  let store: Store;
  beforeEach(() => {
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), ...timesOf(systemClock) });
  });
  afterEach(() => store.close());

  it("counts what is still to be said", () => {
    const { notices } = store;
    const notice = { roomId: null, replyTo: null, body: "x", about: null, isLast: false, answers: [] };
    for (const owner of ["@anna:example.org", "@bob:example.org"]) notices.add({ ...notice, owner });
    expect(notices.count()).to.equal(2);
    notices.delete(notices.next("@anna:example.org")?.id ?? 0);
    expect(notices.count()).to.equal(1);
  });
});
