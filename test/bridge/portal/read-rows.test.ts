import { expect } from "chai";
import { ReadRows } from "../../../src/bridge/portal/read-rows.ts";
import { SentRows } from "../../../src/bridge/portal/sent-rows.ts";
import type { Store } from "../../../src/store/store.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { rejection } from "../../support/rejection.ts";
import { memoryStore } from "../../support/scopes.ts";
import { until } from "../../support/until.ts";

const ROOM = "!one:localhost";

describe("bridge/portal/read-rows", () => {
  let disk: FullDisk;
  let store: Store;
  let portalId: number;
  let sent: SentRows;
  let woken: number;
  let rows: ReadRows;
  beforeEach(() => {
    disk = new FullDisk();
    store = memoryStore(new FakeClock());
    const login = store.logins.save({ server: "one", passport: "mia@example.com", owner: "@mia:x" });
    portalId = store.portals.save({ loginId: login.id, kind: "direct", remote: "nils@example.com" }).id;
    sent = new SentRows();
    woken = 0;
    rows = new ReadRows({ store, log: silentLog, portalId }, sent, { wake: () => (woken += 1) });
  });
  afterEach(() => {
    disk.restore();
    store.close();
  });

  /** A row that is in the room, and known to be read. */
  function readRow(): number {
    const { id, txnId } = store.journal.acceptMessage(portalId, { type: "notice", text: "x" });
    const row = store.journal.next("to-matrix", portalId, sent.newest);
    if (row === undefined) throw new Error("there is no row");
    sent.begin(row, ROOM);
    sent.arrived();
    sent.echoed(ROOM, txnId);
    return id;
  }
  const state = (id: number): string => store.journal.get(id).state;

  it("are settled while others are sent, which they are not again", async () => {
    const one = readRow();
    await rows.settle();
    expect([state(one), sent.read.length, sent.size, sent.newest]).to.deep.equal(["accepted", 0, 1, one]);
    const two = readRow();
    expect(sent.read.map(({ id }) => id)).to.deep.equal([two]);
    await rows.settle();
    await until("both are settled", () => sent.size === 0);
    expect([state(one), state(two)]).to.deep.equal(["delivered", "delivered"]);
    await until("what waited for that goes on", () => woken === 2);
  });

  it("are settled with the next commit, whoever needs that", async () => {
    const one = readRow();
    await rows.settle();
    await store.commit(() => undefined);
    expect(state(one)).to.equal("delivered");
  });

  it("are settled at the end with those that are being settled", async () => {
    const one = readRow();
    await rows.settle();
    const two = readRow();
    await rows.settleNow();
    expect([state(one), state(two), sent.size]).to.deep.equal(["delivered", "delivered", 0]);
  });

  it("stay where the disk does not take it, and the one who settles them then hears of that", async () => {
    disk.isFull = (sql) => sql.includes("UPDATE journal");
    const one = readRow();
    await rows.settle();
    await until("it has failed", () => woken === 1);
    expect([sent.read.length, state(one)]).to.deep.equal([1, "accepted"]);
    await rejection(rows.settle());
    disk.isFull = () => false;
    await rows.settle();
    expect([sent.size, state(one)]).to.deep.equal([0, "delivered"]);
  });
});
