import { expect } from "chai";
import { DeliveryBench } from "../../support/delivery-bench.ts";
import { until } from "../../support/until.ts";

/** A row that goes out as soon as it is accepted, to a contact who is there. */
describe("bridge/portal/next-row", () => {
  let bench: DeliveryBench;
  /** What the disk says of rows when something of them is about to be said. */
  let states: Array<string | undefined>;
  beforeEach(() => {
    bench = new DeliveryBench();
    bench.isReached = true;
    states = [];
  });
  afterEach(() => bench.close());

  const text = (body: string): object => ({ type: "m.room.message", content: { msgtype: "m.text", body } });
  const edit = (target: string, body: string): object => ({
    type: "m.room.message",
    content: {
      body: `* ${body}`,
      "m.new_content": { msgtype: "m.text", body },
      "m.relates_to": { rel_type: "m.replace", event_id: target },
    },
  });

  it("is marked with the commit that accepts it, and said once", async () => {
    const one = bench.text("one");
    expect(bench.row(one)?.state).to.equal("sending");
    bench.come.resolve();
    await until("its end", () => bench.row(one)?.state === "delivered");
    expect(bench.said).to.deep.equal(["one"]);
  });

  it("is the first of what a transaction brings; those behind it are marked with what settles the one before", async () => {
    bench.onSay = () => states.push(bench.row("$1")?.state, bench.row("$2")?.state);
    bench.text("one", "two");
    expect([bench.row("$1")?.state, bench.row("$2")?.state]).to.deep.equal(["sending", "accepted"]);
    bench.come.resolve();
    await until("both", () => bench.row("$2")?.state === "delivered");
    expect(states).to.deep.equal(["sending", "accepted", "delivered", "sending"]);
    expect(bench.said).to.deep.equal(["one", "two"]);
  });

  it("is changed or taken back by what comes in the same transaction", async () => {
    bench.come.resolve();
    bench.accept(text("one"), edit("$1", "ONE"));
    await until("it was said", () => bench.row("$1")?.state === "delivered");
    bench.accept(text("two"), { type: "m.room.redaction", redacts: "$3" });
    expect(bench.row("$3")).to.include({ state: "skipped", reason: "taken back" });
    bench.accept(edit("$6", "THREE"), text("three"));
    await until("it was said", () => bench.row("$6")?.state === "delivered");
    expect(bench.said).to.deep.equal(["ONE", "THREE"]);
  });

  it("is not marked while another is on its way, nor where the homeserver has to be asked", () => {
    bench.text("one");
    const two = bench.text("two");
    expect(bench.row(two)?.state).to.equal("accepted");
    const other = new DeliveryBench();
    other.isReached = true;
    const content = { msgtype: "m.text", body: "x", "m.relates_to": { "m.in_reply_to": { event_id: "$other" } } };
    expect(other.row(other.accept({ type: "m.room.message", content }))?.state).to.equal("accepted");
    other.close();
  });

  it("is not marked any more when it does not go out at once, and is sent by the next run if that was all", async () => {
    const one = bench.text("one");
    await until("its bytes wait for something", () => bench.row(one)?.state === "accepted");
    bench.stopping.abort();
    await bench.delivery.stop();
    bench.come.resolve();
    bench.restart();
    await until("the next run sends it", () => bench.row(one)?.state === "delivered");
    expect(bench.said).to.deep.equal(["one"]);
  });

  it("counts for nothing where the commit was not made", async () => {
    bench.come.resolve();
    expect(() =>
      bench.store.batch(() => {
        bench.text("one");
        throw new Error("no");
      }),
    ).to.throw("no");
    expect(bench.row("$1")).to.equal(undefined);
    await bench.clock.advance(0);
    // It has the number of the row that never was.
    const two = bench.text("two");
    await until("its end", () => bench.row(two)?.state === "delivered");
    expect(bench.said).to.deep.equal(["two"]);
    expect(bench.answers).to.deep.equal([]);
  });

  it("is uncertain after a crash that comes between its commit and its bytes", async () => {
    const one = bench.text("one");
    bench.restart();
    await until("it is told", () => bench.row(one)?.state === "uncertain");
    expect(bench.answers).to.have.length(1);
  });
});
