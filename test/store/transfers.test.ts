import { expect } from "chai";
import { openStore, type Store } from "../../src/store/store.ts";
import { UNDER_WAY } from "../../src/store/transfers.ts";
import { systemClock } from "../../src/util/clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

describe("store/transfers", () => {
  let folder: ReturnType<typeof tempFolder>;
  let store: Store;
  let portalId: number;

  function open(): void {
    store = openStore({ path: `${folder.path}/msn.db`, keyFile: `${folder.path}/key`, ...timesOf(systemClock) });
  }

  beforeEach(() => {
    folder = tempFolder();
    open();
    const { id: loginId } = store.logins.save({ server: "one", passport: "a@example.com", owner: "@a:x" });
    portalId = store.portals.save({ loginId, kind: "direct", remote: "b@example.com" }).id;
  });
  afterEach(() => {
    store.close();
    folder.remove();
  });

  it("are kept until they are over, or their portal is gone", () => {
    const { id: rowId } = store.journal.accept([{ event_id: "$a", room_id: "!a", type: "x" }])[0] ?? { id: 0 };
    const first = store.transfers.add({ portalId, rowId: null, name: "a" });
    const second = store.transfers.add({ portalId, rowId, name: "b" });
    expect(store.transfers.list(portalId)).to.deep.equal([
      { id: first, portalId, rowId: null, name: "a" },
      { id: second, portalId, rowId, name: "b" },
    ]);
    store.transfers.delete(first);
    expect(store.transfers.list(portalId).map(({ name }) => name)).to.deep.equal(["b"]);
    store.portals.delete(portalId);
    expect(store.transfers.list(portalId)).to.deep.equal([]);
  });

  it("are neither taken for undelivered nor begun again while they are under way", () => {
    const event = { event_id: "$a", room_id: "!a", type: "x" };
    const { id: rowId } = store.journal.accept([event])[0] ?? { id: 0 };
    store.journal.assign(rowId, portalId);
    store.journal.settle(rowId, "uncertain", UNDER_WAY);
    expect(store.journal.lastUndelivered(portalId)).to.equal(undefined);
    expect(store.journal.reopen(rowId, event)).to.equal(false);
    store.journal.settle(rowId, "failed", "interrupted");
    expect(store.journal.lastUndelivered(portalId)?.id).to.equal(rowId);
    expect(store.journal.reopen(rowId, event)).to.equal(true);
  });

  it("have links signed with a secret that stays", () => {
    const secret = store.linkSecret;
    expect(secret).to.match(/^[0-9a-f]{64}$/u);
    store.close();
    open();
    expect(store.linkSecret).to.equal(secret);
  });
});
