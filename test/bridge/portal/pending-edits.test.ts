import { expect } from "chai";
import { acceptedEvent } from "../../../src/bridge/base/accepted-event.ts";
import { MsnDelivery } from "../../../src/bridge/portal/msn-delivery.ts";
import { UserIntent } from "../../../src/matrix/client/intent.ts";
import type { Delivery, OutgoingContent } from "../../../src/msn/index.ts";
import type { ScriptedContact } from "../../support/sandbox/scripted-contact.ts";
import { openStore } from "../../../src/store/store.ts";
import { UNDER_WAY } from "../../../src/store/transfers.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { SETTINGS } from "../../support/settings.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

for (const [msn, words] of NETWORKS) {
  describe(`what people do to their messages afterwards, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let nils: ScriptedContact;
    let room: string;
    beforeEach(async () => {
      bridge = await TestBridge.started({ msn });
      nils = bridge.sandbox.contact(NILS, "Nils");
      await bridge.login();
      await nils.say(MIA.passport, "hello");
      room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "hello");
    });
    afterEach(() => bridge.close());

    const texts = (): string[] => nils.received.map(({ text }) => text);

    function edit(eventId: string, body: string): string {
      return bridge.alice.send(room, "m.room.message", {
        msgtype: "m.text",
        body: `* ${body}`,
        "m.new_content": { msgtype: "m.text", body },
        "m.relates_to": { rel_type: "m.replace", event_id: eventId },
      });
    }

    /** Waits until the bridge has read everything that was sent so far. */
    async function hasRead(): Promise<void> {
      const question = bridge.alice.say(room, "!msn help cancel");
      await until("an answer", () =>
        bridge.alice.messages(room).some(({ content }) => JSON.stringify(content).includes(question)),
      );
    }

    it("a message that waits behind another is truly changed, or dropped", async () => {
      bridge.sandbox.stall("acknowledgements", true);
      bridge.alice.say(room, "one");
      await until("one", () => texts().length === 1);
      const two = bridge.alice.say(room, "two");
      const three = bridge.alice.say(room, "three");
      edit(two, "not yet");
      const last = edit(two, "TWO");
      bridge.alice.redact(room, three);
      bridge.alice.say(room, "four");
      await hasRead();
      bridge.sandbox.stall("acknowledgements", false);
      bridge.sandbox.closeBoards();
      await until("four", () => texts().includes("four"));
      expect(texts()).to.deep.equal(["one", "TWO", "four"]);
      expect(bridge.alice.messages(room).some(({ body }) => body.includes("cannot take messages back"))).to.equal(
        false,
      );
      bridge.alice.redact(room, last);
    });

    it("what has been sent is corrected with a star, and cannot be taken back, as is said once", async () => {
      const one = bridge.alice.say(room, "oen");
      await until("oen", () => texts().includes("oen"));
      edit(one, "one");
      await until("the correction", () => texts().includes("* one"));
      bridge.alice.redact(room, one);
      const told = await bridge.reads(bridge.alice, room, "MSN cannot take messages back");
      const two = bridge.alice.say(room, "two");
      await until("two", () => texts().includes("two"));
      bridge.alice.redact(room, two);
      await hasRead();
      const all = bridge.alice.messages(room).filter(({ body }) => body.includes("cannot take messages back"));
      expect(all.map(({ eventId }) => eventId)).to.deep.equal([told.eventId]);
      expect(texts()).to.deep.equal(["oen", "* one", "two"]);
    });

    function answer(eventId: string | undefined, body: string): void {
      const relation = { "m.in_reply_to": { event_id: eventId } };
      bridge.alice.send(room, "m.room.message", { msgtype: "m.text", body, "m.relates_to": relation });
    }

    it("an answer goes out with the beginning of what it answers", async () => {
      answer(bridge.alice.messages(room).find(({ body }) => body === "hello")?.eventId, "yes");
      await until("the answer", () => texts().length === 1);
      expect(texts()).to.deep.equal(["> Nils: hello\nyes"]);
    });

    it("an answer to what the bridge said goes out without it, and one to somebody else under her own name", async () => {
      const eve = bridge.fake.user("eve");
      bridge.fake.world.invite(ghostOf(NILS), room, eve.userId);
      eve.join(room);
      bridge.alice.say(room, "!msn help cancel");
      const notice = await bridge.reads(bridge.alice, room, "cancel");
      answer(notice.eventId, "I see");
      answer(eve.say(room, "hi all"), "hi Eve");
      await until("the answers", () => texts().length === 2);
      expect(texts()).to.deep.equal(["I see", "> eve: hi all\nhi Eve"]);
    });
  });
}

describe("a message that waits for the contact", () => {
  const DELIVERED: Delivery = { state: "delivered" };
  const folder = tempFolder();
  const clock = new FakeClock();
  const store = openStore({ path: ":memory:", keyFile: `${folder.path}/key`, clock });
  const { id: loginId } = store.logins.save({ server: "one", passport: "mia@example.com", owner: "@mia:x" });
  const portal = store.portals.save({ loginId, kind: "direct", remote: NILS });
  after(() => {
    store.close();
    folder.remove();
  });

  let said: string[];
  let answers: string[];
  /** The rows whose files are on their way. */
  let files: number[];
  /** Lets the contact come, so that the first byte is written. */
  let come: PromiseWithResolvers<void>;
  /** What happens when something has been said. */
  let onSaid: () => unknown;
  let stopping: AbortController;
  let road: MsnDelivery;
  let count = 0;

  beforeEach(() => {
    said = [];
    answers = [];
    files = [];
    come = Promise.withResolvers();
    onSaid = () => undefined;
    stopping = new AbortController();
    const unused = (): never => {
      throw new Error("the homeserver is not needed");
    };
    road = new MsnDelivery({
      portalId: portal.id,
      journal: store.journal,
      edits: store.edits,
      parts: store.parts,
      ghost: new UserIntent({
        userId: "@ghost:x",
        request: unused,
        requestAsBot: unused,
        registrations: { has: () => true, add: unused },
      }),
      name: () => "Nils",
      say,
      sendFile: (rowId) => {
        store.journal.settle(rowId, "uncertain", UNDER_WAY);
        files.push(rowId);
      },
      takeBackFile: (rowId) => files.length > 0 && store.journal.settle(rowId, "skipped", "applied"),
      batch: (work) => store.batch(work),
      answer: (_, sentence) => answers.push(sentence),
      sayOnce: () => true,
      nameOfUser: (userId) => userId,
      nameOfGhost: () => undefined,
      settings: { ...SETTINGS, deliveryReceipts: false },
      clock,
      log: silentLog,
      signal: stopping.signal,
    });
  });

  async function say(content: OutgoingContent, _: number, onWrite: () => void): Promise<Delivery> {
    await come.promise;
    onWrite();
    said.push(content.type === "text" ? content.text : content.type);
    onSaid();
    return DELIVERED;
  }

  function accept(event: object): string {
    count += 1;
    const eventId = `$${count}`;
    const [row] = store.journal.accept([{ event_id: eventId, room_id: "!r", sender: "@mia:x", ...event }]);
    road.accept(acceptedEvent(store.journal, row?.id ?? 0));
    return eventId;
  }

  const text = (body: string): string => accept({ type: "m.room.message", content: { msgtype: "m.text", body } });

  it("is finished once it was begun, also when the bridge is stopped between its parts", async () => {
    const long = text("x".repeat(2000));
    onSaid = () => stopping.abort();
    come.resolve();
    await until("its end", () => store.journal.findByEventId(long)?.state !== "accepted" && said.length > 0);
    await road.stop();
    expect(said.join("")).to.equal("x".repeat(2000));
    expect(answers).to.deep.equal([]);
    expect(store.journal.findByEventId(long)?.state).to.equal("delivered");
  });

  it("has its file cancelled when it is taken back while what is said with that goes out", async () => {
    const content = { msgtype: "m.file", url: "mxc://x/y", filename: "a.txt", body: "look" };
    const file = accept({ type: "m.room.message", content });
    let redaction = "";
    onSaid = () => (redaction = accept({ type: "m.room.redaction", redacts: file }));
    come.resolve();
    await until("its end", () => redaction !== "" && store.journal.findByEventId(redaction)?.state !== "accepted");
    await road.stop();
    expect([said, files.length, answers]).to.deep.equal([["look"], 1, []]);
    expect(store.journal.findByEventId(redaction)?.reason).to.equal("applied");
  });

  it("is changed before its first byte is written", async () => {
    const one = text("one");
    await clock.advance(0);
    accept({
      type: "m.room.message",
      content: {
        body: "* ONE",
        "m.new_content": { msgtype: "m.text", body: "ONE" },
        "m.relates_to": { rel_type: "m.replace", event_id: one },
      },
    });
    come.resolve();
    await until("ONE", () => said.length > 0);
    await road.stop();
    expect(said).to.deep.equal(["ONE"]);
    expect(store.journal.findByEventId(one)?.state).to.equal("delivered");
  });

  for (const place of ["redacts", "content"] as const) {
    it(`is not sent when it was taken back, as rooms say it in ${place}`, async () => {
      const one = text("one");
      await clock.advance(0);
      accept({ type: "m.room.redaction", ...(place === "redacts" ? { redacts: one } : { content: { redacts: one } }) });
      text("two");
      come.resolve();
      await until("two", () => said.length > 0);
      await road.stop();
      expect(said).to.deep.equal(["two"]);
      expect(answers).to.deep.equal([]);
      expect(store.journal.findByEventId(one)?.state).to.equal("skipped");
    });
  }
});
