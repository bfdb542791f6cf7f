import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { systemClock, type Clock } from "../../../src/util/clock.ts";
import { countCosts, type CostCounter } from "../../support/message-costs.ts";
import { PATIENT_CLOCK } from "../../support/patient-clock.ts";
import { MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const MESSAGES = 8;
const MEMBER = /\/state\/m\.room\.member\//u;

/** The journal of a bridge, as other programs read it. */
function journalOf({ config }: TestBridge): Disposable & { isDone(): boolean } {
  const database = new Sqlite(config.database.uri, { readonly: true });
  const open = database.prepare("SELECT 1 FROM journal WHERE state IN ('accepted', 'sending')");
  return { isDone: () => open.get() === undefined, [Symbol.dispose]: () => void database.close() };
}

describe("bridge/portal/matrix-delivery", () => {
  let counter: CostCounter;
  let bridge: TestBridge;
  let room: string;
  /** How many messages were in the room then. */
  let begun: number;
  let say: (text: string) => Promise<unknown>;

  async function begin(clock: Clock): Promise<void> {
    counter = countCosts();
    begun = 0;
    bridge = await TestBridge.open();
    await bridge.start(clock);
    await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    say = async (text) => nils.say(MIA.passport, text);
    await say("hello");
    room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
    // What the beginning has left to do is done. It settles rows as well, so that one more settled row does not say that
    // the message is.
    using journal = journalOf(bridge);
    let quiet = 0;
    await until("quiet", async () => {
      counter.reset();
      const before = texts().length;
      await say("is it quiet?");
      await until("the question", () => texts().length > before);
      await until("nothing open", () => journal.isDone());
      const { commits, decryptions, settled: all } = counter.costs;
      quiet = commits === 2 && decryptions === 1 && all === 1 ? quiet + 1 : 0;
      return quiet === 3;
    });
    begun = bridge.alice.messages(room).length;
    counter.reset();
  }
  afterEach(async () => {
    await bridge.close();
    counter.stop();
  });

  const settled = async (count: number): Promise<unknown> =>
    until(`${count} settled messages`, () => counter.costs.settled >= count);

  /** What has been asked about the room since then. */
  function asked(since: number): string[] {
    const requests = bridge.fake.requests.slice(since);
    return requests.map(
      ({ method, path }) => `${method} ${decodeURIComponent(path).replace(/^.*\/rooms\/[^/]+/u, "")}`,
    );
  }

  const texts = (): string[] =>
    bridge.alice
      .messages(room)
      .slice(begun)
      .map(({ body }) => body);

  it("takes one request, one reading and two commits a message", async () => {
    await begin(PATIENT_CLOCK);
    const before = bridge.fake.requests.length;
    for (let at = 1; at <= MESSAGES; at += 1) {
      await say(`number ${at}`);
      await settled(at);
    }
    const { decryptions, rowReads, commits } = counter.costs;
    expect({ decryptions, rowReads, commits }).to.deep.equal({
      decryptions: MESSAGES,
      rowReads: MESSAGES,
      commits: 2 * MESSAGES,
    });
    for (const one of asked(before)) expect(one).to.match(/^PUT \/send\/m\.room\.message\//u);
    expect(asked(before)).to.have.length(MESSAGES);
  });

  it("settles nothing until the homeserver has given it back, and does not wait with what comes next", async () => {
    await begin(PATIENT_CLOCK);
    bridge.fake.holdTransactions(true);
    for (let at = 1; at <= MESSAGES; at += 1) await say(`number ${at}`);
    await until("all of them", () => texts().length === MESSAGES);
    expect(counter.costs.settled).to.equal(0);
    bridge.fake.holdTransactions(false);
    await settled(MESSAGES);
    expect(texts()).to.deep.equal(Array.from({ length: MESSAGES }, (_, index) => `number ${index + 1}`));
  });

  it("asks who is in the room where the homeserver gives nothing back, once for many", async () => {
    await begin(systemClock);
    bridge.fake.holdTransactions(true);
    const before = bridge.fake.requests.length;
    for (let at = 1; at <= MESSAGES; at += 1) await say(`number ${at}`);
    await settled(MESSAGES);
    const looks = asked(before).filter((one) => MEMBER.test(one));
    expect(looks.length).to.be.lessThan(MESSAGES / 2);
    bridge.fake.holdTransactions(false);
  });

  it("asks once after a restart", async () => {
    await begin(PATIENT_CLOCK);
    await bridge.stopBridge();
    await bridge.start(PATIENT_CLOCK);
    counter.reset();
    const before = bridge.fake.requests.length;
    await until("Mia to be online", async () =>
      say("one").then(
        () => true,
        () => false,
      ),
    );
    await settled(1);
    await say("two");
    await settled(2);
    expect(asked(before).filter((one) => MEMBER.test(one))).to.have.length(1);
    expect(texts()).to.deep.equal(["one", "two"]);
  });

  it("settles what is under way when the bridge stops, so that the next run has nothing to look for", async () => {
    await begin(PATIENT_CLOCK);
    bridge.fake.holdTransactions(true);
    await say("one");
    await until("one", () => texts().includes("one"));
    await bridge.stopBridge();
    expect(counter.costs.settled).to.equal(1);
    const before = bridge.fake.requests.length;
    bridge.fake.holdTransactions(false);
    await bridge.start();
    await until("Mia to be online", async () =>
      say("two").then(
        () => true,
        () => false,
      ),
    );
    await bridge.reads(bridge.alice, room, "two");
    expect(asked(before).filter((one) => one.includes("/messages"))).to.deep.equal([]);
    expect(texts()).to.deep.equal(["one", "two"]);
  });
});
