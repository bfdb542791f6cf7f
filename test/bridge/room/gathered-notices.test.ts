import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { MsnError } from "../../../src/msn/index.ts";
import { DeliveryBench } from "../../support/delivery-bench.ts";
import { hastyClock } from "../../support/file-bench.ts";
import type { ScriptedContact } from "../../support/sandbox/scripted-contact.ts";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const SIGNED_OUT = new MsnError("bad-credentials", "signed out");
const OFFLINE = new MsnError("contact-offline", "offline");

describe("bridge/room/gathered-notices", () => {
  let bench: DeliveryBench;
  beforeEach(() => {
    bench = new DeliveryBench();
    bench.come.resolve();
    bench.fate = { state: "failed", error: SIGNED_OUT };
  });
  afterEach(async () => {
    bench.stopping.abort();
    await bench.delivery.stop();
    bench.close();
  });

  const failed = (...ids: string[]): boolean => ids.every((id) => bench.row(id)?.state === "failed");
  const say = async (count: number): Promise<void> => {
    const before = Number(bench.text("first").slice(1));
    const ids = Array.from({ length: count - 1 }, (_, at) => bench.text(`more ${at}`));
    await until("all refused", () => failed(`$${before}`, ...ids));
  };

  it("tells of thousands of messages in one transaction with a few notices, and each has its outcome", async () => {
    const count = 1500;
    bench.text(...Array.from({ length: count }, (_, at) => `text ${at}`));
    const ids = Array.from({ length: count }, (_, at) => `$${at + 1}`);
    await until("all refused", () => failed(...ids));
    expect(bench.answers).to.have.length(6);
    await bench.clock.advance(10 * 60_000);
    await until("the edit", () => bench.answers.length > 6);
    expect(bench.answers).to.have.length(7);
    expect(bench.answers[6]).to.match(/^1495 more messages since .* UTC were not delivered:\n– 495 times: too many /u);
    expect(bench.answers[6]).to.match(
      /\n– 1000 times: you are signed out of MSN.*\nReact to this notice with 🔁 to send them again, in order\.$/u,
    );
  });

  it("answers each of few messages by itself, also where there are few again later", async () => {
    await say(5);
    expect(bench.answers).to.have.length(5);
    expect(new Set(bench.answers).size).to.equal(1);
    await bench.clock.advance(60_000);
    await say(5);
    expect(bench.answers).to.have.length(10);
    expect(bench.answers.filter((text) => text.includes("more"))).to.deep.equal([]);
  });

  it("says why, where the reasons are several, and that some may have arrived", async () => {
    await say(6);
    bench.fate = { state: "failed", error: OFFLINE };
    await say(3);
    bench.fate = { state: "uncertain", error: OFFLINE };
    const id = bench.text("perhaps");
    await until("it is uncertain", () => bench.row(id)?.state === "uncertain");
    await bench.clock.advance(3000);
    expect(bench.answers).to.have.length(7);
    const [first, ...lines] = bench.answers[6]?.split("\n") ?? [];
    expect(first).to.match(/^5 more messages since .* were not delivered, or may not have been:$/u);
    expect(lines.map((line) => line.slice(0, 24))).to.deep.equal([
      "– once: you are signed o",
      "– 3 times: nils@example.",
      "– once: Your message may",
      "React to this notice wit",
    ]);
  });

  it("is edited some seconds after the first, then less and less often", async () => {
    await say(6);
    let edits = 0;
    for (let second = 0; second < 50; second += 1) {
      await say(3);
      await bench.clock.advance(1000);
      edits = bench.answers.length - 6;
      // What is in the room is not in the way of the next.
      if (edits > 10) break;
    }
    expect(edits).to.be.within(5, 14);
  });
});

describe("a flood of what cannot be done", function () {
  let bridge: TestBridge;
  let nils: ScriptedContact;
  let room: string;
  let management: string;
  const hasty = hastyClock({ 3000: 50 });

  async function begin(keys: Record<string, object> = {}, clock = hasty): Promise<void> {
    bridge = await TestBridge.open({ keys });
    await bridge.start(clock);
    nils = bridge.sandbox.contact(NILS, "Nils");
    bridge.sandbox.befriend(MIA.passport, NILS);
    management = await bridge.login();
    await nils.say(MIA.passport, "hello");
    room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
  }
  afterEach(() => bridge.close());

  const notices = (): ReturnType<typeof bridge.alice.messages> =>
    bridge.alice
      .messages(room)
      .filter(({ sender, content }) => sender === ghostOf(NILS) && content["msgtype"] === "m.notice");
  const isEdit = (content: Record<string, unknown>): boolean =>
    JSON.stringify(content["m.relates_to"] ?? {}).includes("m.replace");
  const edited = (content: Record<string, unknown>): string =>
    /"event_id":"([^"]+)"/u.exec(JSON.stringify(content["m.relates_to"]))?.[1] ?? "";

  function sayMany(count: number): string[] {
    bridge.fake.holdTransactions(true);
    const texts = Array.from({ length: count }, (_, at) => `text ${at}`);
    for (const text of texts) bridge.alice.say(room, text);
    bridge.fake.holdTransactions(false);
    return texts;
  }

  it("of messages is one notice that is edited, and 🔁 on it sends again what it tells of, in order", async () => {
    await begin();
    nils.leave(MIA.passport);
    nils.signOut();
    const texts = sayMany(20);
    const edit = await until("all are told", () =>
      notices().findLast(({ body }) => body.includes("15 more messages since")),
    );
    expect(edit.body).to.match(/all for the same reason: Nils is offline/u);
    const told = notices().filter(({ content }) => !isEdit(content));
    expect(told).to.have.length(6);
    expect(edited(edit.content)).to.equal(told[5]?.eventId);
    nils.signIn();
    const relation = { rel_type: "m.annotation", event_id: edited(edit.content), key: "🔁" };
    bridge.alice.send(room, "m.reaction", { "m.relates_to": relation });
    await until("all of them", () => nils.received.length >= 15);
    bridge.alice.say(room, "end");
    await until("the end", () => nils.received.some(({ text }) => text === "end"));
    expect(nils.received.map(({ text }) => text)).to.deep.equal([...texts.slice(5), "end"]);
  });

  it("is told in full after a restart, and retry sends all of it again", async () => {
    // No edit comes in time.
    await begin({}, hastyClock({ 3000: 3_600_000 }));
    nils.leave(MIA.passport);
    nils.signOut();
    sayMany(12);
    const database = new Sqlite(bridge.config.database.uri, { readonly: true });
    const gathered = database.prepare("SELECT count(*) FROM gathered_row").pluck();
    await until("all are refused", () => gathered.get() === 7);
    database.close();
    await until("the first are told", () => notices().length >= 6);
    expect(notices()).to.have.length(6);
    await bridge.stopBridge();
    await bridge.start(hasty);
    const edit = await bridge.reads(bridge.alice, room, "more messages since");
    expect(edit.body).to.include("7 more");
    nils.signIn();
    bridge.alice.say(room, "!msn retry");
    await until("all of them", () => nils.received.length >= 7);
    expect(nils.received.map(({ text }) => text)).to.deep.equal(Array.from({ length: 7 }, (_, at) => `text ${at + 5}`));
  });

  it("of files that a contact offers and that are not taken is one notice", async () => {
    await begin({ media: { receive: "off" } });
    for (let at = 0; at < 40; at += 1)
      await nils.offerFile(MIA.passport, { name: `f${at}.txt`, content: Buffer.from("hello") });
    await until("all are told", () => notices().some(({ body }) => body.includes("35 more things from MSN")));
    expect(notices().filter(({ content }) => !isEdit(content))).to.have.length(6);
    expect(
      bridge.alice.messages(management).filter(({ sender, body }) => sender === BOT && body.includes("f39")),
    ).to.deep.equal([]);
  });
});
