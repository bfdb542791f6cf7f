import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { MsnError } from "../../../src/msn/index.ts";
import { DeliveryBench } from "../../support/delivery-bench.ts";
import { until } from "../../support/until.ts";

describe("bridge/portal/msn-delivery", () => {
  let bench: DeliveryBench;
  beforeEach(() => {
    bench = new DeliveryBench();
  });
  afterEach(() => bench.close());

  it("is finished once it was begun, also when the bridge is stopped between its parts", async () => {
    const long = bench.text("x".repeat(2000));
    bench.onSaid = () => bench.stopping.abort();
    bench.come.resolve();
    await until("its end", () => bench.row(long)?.state !== "accepted" && bench.said.length > 0);
    await bench.delivery.stop();
    expect(bench.said.join("")).to.equal("x".repeat(2000));
    expect(bench.answers).to.deep.equal([]);
    expect(bench.row(long)?.state).to.equal("delivered");
  });

  for (const byDays of [1, -1]) {
    it(`waits for a connection since it was accepted, also where the date was set by ${byDays} days meanwhile`, async () => {
      const accepted = bench.clock.now();
      bench.text("one", "two");
      await bench.clock.advance(60_000);
      bench.clock.setDate(byDays * 24 * 60 * 60_000);
      bench.come.resolve();
      await until("both", () => bench.said.length === 2);
      expect(bench.waitsSince).to.deep.equal([accepted, accepted]);
    });
  }

  it("has its file cancelled when it is taken back while what is said with that goes out", async () => {
    const content = { msgtype: "m.file", url: "mxc://x/y", filename: "a.txt", body: "look" };
    const file = bench.accept({ type: "m.room.message", content });
    let redaction = "";
    bench.onSaid = () => (redaction = bench.accept({ type: "m.room.redaction", redacts: file }));
    bench.come.resolve();
    await until("its end", () => redaction !== "" && bench.row(redaction)?.state !== "accepted");
    await bench.delivery.stop();
    expect([bench.said, bench.files.length, bench.answers]).to.deep.equal([["look"], 1, []]);
    expect(bench.row(redaction)?.reason).to.equal("applied");
  });

  it("has its file sent once the disk takes that, however long what was said with it has gone out by then", async () => {
    let failures = 3;
    bench.onFile = () => {
      failures -= 1;
      if (failures >= 0) throw new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
    };
    bench.come.resolve();
    bench.accept({
      type: "m.room.message",
      content: { msgtype: "m.file", url: "mxc://x/y", filename: "a.txt", body: "look" },
    });
    await bench.clock.advance(60_000);
    expect([bench.said, bench.files.length, bench.answers]).to.deep.equal([["look"], 1, []]);
  });

  it("is changed before its first byte is written", async () => {
    const one = bench.text("one");
    await bench.clock.advance(0);
    bench.accept({
      type: "m.room.message",
      content: {
        body: "* ONE",
        "m.new_content": { msgtype: "m.text", body: "ONE" },
        "m.relates_to": { rel_type: "m.replace", event_id: one },
      },
    });
    bench.come.resolve();
    await until("ONE", () => bench.said.length > 0);
    await bench.delivery.stop();
    expect(bench.said).to.deep.equal(["ONE"]);
    expect(bench.row(one)?.state).to.equal("delivered");
  });

  for (const place of ["redacts", "content"] as const) {
    it(`is not sent when it was taken back, as rooms say it in ${place}`, async () => {
      const one = bench.text("one");
      await bench.clock.advance(0);
      bench.accept({
        type: "m.room.redaction",
        ...(place === "redacts" ? { redacts: one } : { content: { redacts: one } }),
      });
      bench.text("two");
      bench.come.resolve();
      await until("two", () => bench.said.length > 0);
      await bench.delivery.stop();
      expect(bench.said).to.deep.equal(["two"]);
      expect(bench.answers).to.deep.equal([]);
      expect(bench.row(one)?.state).to.equal("skipped");
    });
  }

  const states = (...eventIds: string[]): unknown[] => eventIds.map((id) => bench.row(id)?.state);
  const isSettled = (eventId: string): boolean => !["accepted", "sending"].includes(bench.row(eventId)?.state ?? "");
  const sendsTo = (eventId: string): object => ({
    type: "m.room.message",
    content: { msgtype: "m.text", body: "yes", "m.relates_to": { "m.in_reply_to": { event_id: eventId } } },
  });

  it("is marked before its first byte, the next with the commit that settles the last", async () => {
    const [one, two, three] = ["$1", "$2", "$3"];
    const seen: unknown[] = [];
    bench.onSay = () => seen.push(states(one, two, three));
    bench.come.resolve();
    bench.text("one", "two", "three");
    await until("the last", () => isSettled(three));
    expect(seen).to.deep.equal([
      ["accepted", "accepted", "accepted"],
      ["delivered", "sending", "accepted"],
      ["delivered", "delivered", "sending"],
    ]);
    expect(bench.said).to.deep.equal(["one", "two", "three"]);
  });

  it("that was marked and does not go out at once counts as not begun: it can be changed, and the next run sends it", async () => {
    bench.onSaid = () => (bench.come = Promise.withResolvers());
    bench.come.resolve();
    bench.text("one", "two");
    await until("it is not marked any more", () => isSettled("$1") && bench.row("$2")?.state === "accepted");
    bench.accept({
      type: "m.room.message",
      content: {
        body: "* TWO",
        "m.new_content": { msgtype: "m.text", body: "TWO" },
        "m.relates_to": { rel_type: "m.replace", event_id: "$2" },
      },
    });
    bench.stopping.abort();
    await bench.delivery.stop();
    expect(states("$1", "$2", "$3")).to.deep.equal(["delivered", "accepted", "skipped"]);
    bench.onSaid = () => undefined;
    bench.come.resolve();
    bench.restart();
    await until("TWO", () => isSettled("$2"));
    expect(bench.said).to.deep.equal(["one", "TWO"]);
    expect(bench.answers).to.deep.equal([]);
  });

  it("that is next when the bridge stops is left to the next run", async () => {
    bench.onSaid = () => bench.stopping.abort();
    bench.come.resolve();
    bench.text("one", "two");
    await until("one", () => isSettled("$1"));
    await bench.delivery.stop();
    expect(states("$1", "$2")).to.deep.equal(["delivered", "accepted"]);
    bench.restart();
    await until("two", () => isSettled("$2"));
    expect(bench.said).to.deep.equal(["one", "two"]);
  });

  it("is told to be uncertain where an earlier run was killed between marking it and settling it", async () => {
    bench.text("one", "two");
    bench.stopping.abort();
    await bench.delivery.stop();
    bench.store.journal.markSending(bench.row("$1")?.id ?? 0);
    bench.come.resolve();
    bench.restart();
    await until("two", () => isSettled("$2"));
    expect(states("$1", "$2")).to.deep.equal(["uncertain", "delivered"]);
    expect(bench.said).to.deep.equal(["two"]);
    expect(bench.answers).to.have.length(1);
  });

  it("is not marked with the one before where the homeserver has to be asked about it first", async () => {
    const seen: unknown[] = [];
    bench.onSay = () => seen.push(states("$1", "$2"));
    bench.come.resolve();
    bench.accept({ type: "m.room.message", content: { msgtype: "m.text", body: "one" } }, sendsTo("$0"));
    await until("the second", () => isSettled("$2"));
    expect(seen.at(1)).to.deep.equal(["delivered", "accepted"]);
    expect(states("$1", "$2")).to.deep.equal(["delivered", "delivered"]);
  });

  it("that cannot be read fails alone, whatever comes before and after it", async () => {
    bench.text("one", "two", "three");
    bench.store.journal.rewrite(bench.row("$2")?.id ?? 0, { event_id: "$2", room_id: "!r", type: "m.room.message" });
    bench.come.resolve();
    await until("three", () => isSettled("$3"));
    expect(states("$1", "$2", "$3")).to.deep.equal(["delivered", "failed", "delivered"]);
    expect(bench.answers).to.have.length(1);
  });

  for (const state of ["failed", "uncertain"] as const) {
    it(`is told once to be ${state}, and the next is begun by itself`, async () => {
      const seen: unknown[] = [];
      bench.onSay = () => seen.push(states("$1", "$2"));
      const error = new MsnError("contact-offline", "nobody is there");
      bench.fate = { state, error };
      bench.onSaid = () => (bench.fate = { state: "delivered" });
      bench.come.resolve();
      bench.text("one", "two");
      await until("two", () => isSettled("$2"));
      expect(states("$1", "$2")).to.deep.equal([state, "delivered"]);
      expect(seen.at(1)).to.deep.equal([state, "accepted"]);
      expect(bench.answers).to.have.length(1);
    });
  }
});
