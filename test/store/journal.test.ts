import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import Sqlite from "better-sqlite3";
import { openStore, type Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { codeOf } from "./support/code-of.ts";
import { timesOf } from "../support/calendars.ts";

const ROOM = "!room:example.org";
const message = (id: string, more: object = {}): object => ({
  event_id: id,
  room_id: ROOM,
  type: "m.room.message",
  ...more,
});

/** A value nested so deeply that it cannot be written as JSON again, although JSON can be read as deep. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at += 1) value = [value];
  return value;
}

const bottomless = (): unknown => nested(200_000);

describe("store/journal", () => {
  const folder = tempFolder();
  after(folder.remove);
  const keyFile = join(folder.path, "msn.key");
  let files = 0;
  let path: string;
  let clock: FakeClock;
  let store: Store;
  const open = (): Store => openStore({ path, keyFile, ...timesOf(clock) });
  const addPortal = (remote = "bob@hotmail.com"): number => {
    const login = { server: "one", passport: "anna@hotmail.com", owner: "@anna:example.org" };
    return store.portals.save({ loginId: store.logins.save(login).id, kind: "direct", remote }).id;
  };
  const acceptAll = (events: readonly unknown[]): number[] => store.journal.accept(events).map(({ id }) => id);
  let accepted = 0;
  const accept = (): number => acceptAll([message(`$${(accepted += 1)}`)])[0] ?? 0;
  const reopen = (): void => {
    store.close();
    store = open();
  };

  beforeEach(() => {
    path = join(folder.path, `${(files += 1)}.db`);
    clock = new FakeClock();
    store = open();
  });
  afterEach(() => store.close());

  describe("accepting events", () => {
    it("keeps them in order, with their bodies", () => {
      const events = [message("$a", { content: { body: "ä" } }), message("$b"), message("$c")];
      const rows = store.journal.accept(events);
      const ids = rows.map(({ id }) => id);
      expect(rows.map(({ event }) => event)).to.deep.equal(events);
      expect(store.journal.listOpen("to-msn")).to.deep.equal(ids);
      expect(store.journal.listOpen("to-matrix")).to.deep.equal([]);
      expect(ids.map((id) => store.journal.body(id))).to.deep.equal(events);
      expect(store.journal.get(ids[0] ?? 0)).to.deep.equal({
        id: ids[0],
        direction: "to-msn",
        eventId: "$a",
        roomId: ROOM,
        portalId: null,
        txnId: null,
        state: "accepted",
        reason: null,
        created: clock.date,
        updated: clock.date,
      });
    });

    it("ignores what is known: in the same transaction, in another one, after a restart, after settling", () => {
      const [first] = acceptAll([message("$a"), message("$a")]);
      expect(store.journal.accept([message("$a")])).to.deep.equal([]);
      reopen();
      expect(store.journal.accept([message("$a"), message("$b")])).to.have.length(1);
      store.journal.settle(first ?? 0, "delivered");
      expect(store.journal.accept([message("$a")])).to.deep.equal([]);
    });

    it("gives exactly one row to each event id, however they come", () => {
      const ids = fc.array(fc.array(fc.nat(30), { maxLength: 8 }), { maxLength: 8 });
      let round = 0;
      fc.assert(
        fc.property(ids, (transactions) => {
          round += 1;
          const name = (id: number): string => `$${round}-${id}`;
          const rows = transactions.flatMap((list) => acceptAll(list.map((id) => message(name(id)))));
          const seen = rows.map((row) => store.journal.get(row).eventId);
          expect(seen).to.deep.equal([...new Set(transactions.flat().map(name))]);
        }),
        { numRuns: 30 },
      );
    });

    it("writes nothing to the disk when nothing is new", () => {
      store.journal.accept([message("$a")]);
      const { size, mtimeMs } = statSync(`${path}-wal`);
      store.journal.accept([message("$a"), message("$a")]);
      store.journal.accept([]);
      expect(statSync(`${path}-wal`)).to.include({ size, mtimeMs });
    });

    it("keeps what it cannot read as skipped, and goes on", () => {
      const large = message("$large", { content: { body: "x".repeat(256 * 1024) } });
      const bad: unknown[] = [
        null,
        3,
        "text",
        [message("$in-a-list")],
        {},
        message("", {}),
        message("$long".padEnd(256, "g")),
        message("$half\ud800"),
        { ...message("$no-room"), room_id: 3 },
        { ...message("$no-type"), type: undefined },
        { ...message("$bottomless"), content: bottomless() },
        { ...message("$deep"), content: nested(100) },
        large,
      ];
      const why: string[] = [];
      const ids = store.journal.accept([message("$first"), ...bad, message("$last")], why).map(({ id }) => id);
      expect(ids.map((id) => store.journal.get(id).eventId)).to.deep.equal(["$first", "$last"]);
      // Without an id it would come in again whenever it is repeated.
      const skipped = ["$no-room", "$no-type", "$bottomless", "$deep", "$large"].map((id) =>
        store.journal.findByEventId(id),
      );
      expect(skipped.map((row) => row?.state)).to.deep.equal(skipped.map(() => "skipped"));
      expect(skipped.map((row) => row?.reason)).to.deep.equal(why.slice(-skipped.length));
      expect((ids[1] ?? 0) - (ids[0] ?? 0)).to.equal(skipped.length + 1);
      expect(why).to.deep.equal([
        ...Array.from({ length: 4 }, () => "it is not a JSON object"),
        "it has no usable event_id, room_id, type",
        ...Array.from({ length: 3 }, () => "it has no usable event_id"),
        "it has no usable room_id",
        "it has no usable type",
        "it cannot be written as JSON",
        "it is nested too deeply",
        "it is too large",
      ]);
      expect(codeOf(() => store.journal.body(skipped[0]?.id ?? 0))).to.equal("settled");
      const again: string[] = [];
      expect(store.journal.accept(bad, again)).to.deep.equal([]);
      expect(again).to.have.length(8);
      expect(store.journal.accept([large])).to.deep.equal([]);
      expect(store.journal.listOpen("to-msn")).to.deep.equal(ids);
    });

    it("takes an event that is nested as deeply as may be, and brackets that are only said", () => {
      const flat = { ...message("$flat"), content: { body: `"${"[{".repeat(500)}\\` } };
      expect(store.journal.accept([{ ...message("$deep"), content: nested(99) }, flat])).to.have.length(2);
    });

    it("takes an event of just the largest size", () => {
      const frame = JSON.stringify(message("$a", { body: "" })).length;
      expect(store.journal.accept([message("$a", { body: "x".repeat(256 * 1024 - frame) })])).to.have.length(1);
    });

    it("throws, and keeps nothing of the transaction, when it cannot be committed", () => {
      store.close();
      expect(() => store.journal.accept([message("$a")])).to.throw("not open");
      const broken = new Sqlite(path);
      broken.exec(
        "CREATE TRIGGER full BEFORE INSERT ON journal WHEN NEW.event_id = '$b' BEGIN SELECT RAISE(ABORT, 'disk full'); END",
      );
      broken.close();
      store = open();
      expect(() => store.journal.accept([message("$a"), message("$b")])).to.throw("disk full");
      expect(store.journal.listOpen("to-msn")).to.deep.equal([]);
      expect(store.journal.accept([message("$a")])).to.have.length(1);
    });
  });

  describe("accepting messages from MSN", () => {
    it("gives each a transaction id that is its own for ever", () => {
      const portalId = addPortal();
      const row = store.journal.acceptMessage(portalId, { text: "hi" });
      expect(row.txnId).to.match(/^msn-[0-9a-f]{12}-1$/);
      expect(store.journal.get(1)).to.deep.equal({
        id: 1,
        direction: "to-matrix",
        eventId: null,
        roomId: null,
        portalId,
        txnId: row.txnId,
        state: "accepted",
        reason: null,
        created: clock.date,
        updated: clock.date,
      });
      expect(store.journal.body(row.id)).to.deep.equal({ text: "hi" });
      expect(store.journal.listOpen("to-matrix")).to.deep.equal([row.id]);

      // The number is not given again, even when all rows are old enough to go.
      store.journal.settle(row.id, "delivered");
      for (const number of [2, 3]) {
        clock = new FakeClock(clock.epochMs() + 10);
        reopen();
        store.journal.sweep({ olderThanMs: 5, upTo: number });
        const next = store.journal.acceptMessage(portalId, 1);
        expect(next.txnId).to.equal(row.txnId.replace(/1$/, `${number}`));
        store.journal.settle(next.id, "delivered");
        expect(store.journal.find(number - 2)).to.equal(undefined);
      }
    });

    it("uses other transaction ids than any other database", () => {
      const row = store.journal.acceptMessage(addPortal(), 1);
      store.close();
      path = join(folder.path, "another.db");
      store = open();
      const other = store.journal.acceptMessage(addPortal(), 1);
      expect(other.id).to.equal(row.id);
      expect(other.txnId).to.not.equal(row.txnId);
    });

    it("needs a portal, and something that JSON can hold", () => {
      expect(codeOf(() => store.journal.acceptMessage(99, {}))).to.equal("not-found");
      expect(() => store.journal.acceptMessage(addPortal(), undefined)).to.throw(TypeError);
      expect(store.journal.listOpen("to-matrix")).to.deep.equal([]);
    });
  });

  describe("the way of a row", () => {
    it("goes from accepted over sending to its end", async () => {
      const id = accept();
      await clock.advance(5);
      store.journal.markSending(id);
      store.journal.markSending(id);
      expect(store.journal.get(id)).to.deep.include({ state: "sending", updated: clock.date });
      expect(store.journal.get(id).created).to.deep.equal(new Date(clock.epochMs() - 5));
      expect(store.journal.listOpen("to-msn")).to.deep.equal([id]);
      expect(store.journal.body(id)).to.include({ room_id: ROOM });
      expect(store.journal.settle(id, "failed", "the contact is offline")).to.equal(true);
      expect(store.journal.get(id)).to.include({ state: "failed", reason: "the contact is offline" });
      expect(store.journal.listOpen("to-msn")).to.deep.equal([]);
    });

    it("goes back to accepted where no byte was sent after all", () => {
      const [id, ended] = [accept(), accept()];
      store.journal.markSending(id);
      store.journal.unmarkSending(id);
      store.journal.settle(ended, "uncertain");
      store.journal.unmarkSending(ended);
      expect(store.journal.get(id)).to.include({ state: "accepted" });
      expect(store.journal.get(ended)).to.include({ state: "uncertain" });
    });

    it("is read with what it holds, the oldest open one of a portal and a direction first", () => {
      const portalId = addPortal();
      const [other, first, second] = [accept(), accept(), accept()];
      for (const id of [first, second]) store.journal.assign(id, portalId);
      store.journal.assign(other, addPortal("eve@hotmail.com"));
      const heard = store.journal.acceptMessage(portalId, { text: "hi" });
      const row = store.journal.next("to-msn", portalId);
      const { body, ...columns } = row ?? {};
      expect(columns).to.deep.equal(store.journal.get(first));
      expect(body?.()).to.deep.equal(store.journal.body(first));
      store.journal.settle(first, "delivered");
      expect(store.journal.next("to-msn", portalId)?.id).to.equal(second);
      store.journal.markSending(second);
      expect(store.journal.next("to-msn", portalId)).to.include({ id: second, state: "sending" });
      store.journal.settle(second, "uncertain");
      expect(store.journal.next("to-msn", portalId)).to.equal(undefined);
      const shown = store.journal.next("to-matrix", portalId);
      expect([shown?.id, shown?.txnId, shown?.body()]).to.deep.equal([heard.id, heard.txnId, { text: "hi" }]);
    });

    it("survives a restart where it was", () => {
      const [waiting, sending, ended] = [accept(), accept(), accept()];
      store.journal.markSending(sending);
      store.journal.settle(ended, "skipped");
      reopen();
      expect(store.journal.listOpen("to-msn")).to.deep.equal([waiting, sending]);
      expect(store.journal.get(sending).state).to.equal("sending");
    });

    it("ends once, except that an uncertain row may become certain", () => {
      const id = accept();
      store.journal.settle(id, "uncertain", "nothing came");
      expect(codeOf(() => store.journal.body(id))).to.equal("settled");
      expect(codeOf(() => store.journal.markSending(id))).to.equal("settled");
      expect(store.journal.settle(id, "delivered")).to.equal(true);
      expect(store.journal.get(id)).to.include({ state: "delivered", reason: null });
      expect(store.journal.settle(id, "failed")).to.equal(false);
      expect(store.journal.get(id).state).to.equal("delivered");
    });

    it("can be given a portal", () => {
      const id = accept();
      const portalId = addPortal();
      store.journal.assign(id, portalId);
      expect(store.journal.get(id).portalId).to.equal(portalId);
      store.portals.delete(portalId);
      expect(store.journal.get(id)).to.include({ portalId: null, state: "accepted" });
      store.journal.settle(id, "failed");
      expect(store.journal.get(id)).to.include({ portalId: null, state: "failed" });
    });

    it("needs a row", () => {
      const { journal } = store;
      expect(journal.find(99)).to.equal(undefined);
      const portalId = addPortal();
      const runs = [
        () => journal.get(99),
        () => journal.body(99),
        () => journal.assign(99, portalId),
        () => journal.markSending(99),
        () => journal.settle(99, "failed"),
      ];
      expect(runs.map(codeOf)).to.deep.equal(runs.map(() => "not-found"));
    });
  });
});
