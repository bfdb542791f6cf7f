import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

for (const [msn, words] of NETWORKS) {
  describe(`what becomes of a message, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let nils: ScriptedContact;
    let management: string;
    let room: string;
    beforeEach(async () => {
      bridge = await TestBridge.started({ msn });
      nils = bridge.sandbox.contact(NILS, "Nils");
      management = await bridge.login();
      await nils.say(MIA.passport, "hello");
      room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "hello");
    });
    afterEach(() => bridge.close());

    const texts = (): string[] => nils.received.map(({ text }) => text);

    function react(eventId: string, key: string): void {
      bridge.alice.send(room, "m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id: eventId, key } });
    }

    async function undelivered(text: string): Promise<{ eventId: string; notice: string }> {
      nils.leave(MIA.passport);
      nils.signOut();
      const eventId = bridge.alice.say(room, text);
      const notice = await bridge.reads(bridge.alice, room, "was not delivered");
      nils.signIn();
      return { eventId, notice: notice.eventId };
    }

    it("is sent again when its sender reacts to it with 🔁", async () => {
      const { eventId } = await undelivered("one");
      react(eventId, "👍");
      expect(texts()).to.deep.equal([]);
      react(eventId, "🔁");
      await until("one", () => texts().includes("one"));
      react(eventId, "🔁");
      bridge.alice.say(room, "two");
      await until("two", () => texts().includes("two"));
      expect(texts()).to.deep.equal(["one", "two"]);
    });

    it("is sent again when she reacts to the notice about it, or says retry", async () => {
      const { notice } = await undelivered("one");
      react(notice, "🔁\u{fe0f}");
      await until("one", () => texts().includes("one"));
      await undelivered("two");
      bridge.alice.say(room, "!msn retry");
      await until("two", () => texts().includes("two"));
      bridge.alice.say(room, "!msn retry");
      await bridge.reads(bridge.alice, room, "There is nothing here that could be sent again");
      bridge.alice.say(management, "retry");
      await bridge.reads(bridge.alice, management, "Say it in the chat");
      expect(texts()).to.deep.equal(["one", "two"]);
    });

    it("may have been delivered when the board closed without a word after it was written; it is not sent again by itself", async () => {
      bridge.sandbox.stall("acknowledgements", true);
      const eventId = bridge.alice.say(room, "one");
      await until("one", () => texts().length === 1);
      bridge.sandbox.closeBoards();
      const notice = await bridge.reads(bridge.alice, room, "may not have been delivered");
      expect(notice.content).to.deep.include({ "m.relates_to": { "m.in_reply_to": { event_id: eventId } } });
      bridge.sandbox.stall("acknowledgements", false);
      bridge.alice.say(room, "two");
      await until("two", () => texts().includes("two"));
      expect(texts()).to.deep.equal(["one", "two"]);
      react(eventId, "🔁");
      await until("one again", () => texts().length === 3);
    });

    it("waits while the session is away, and is delivered when it is back", async () => {
      bridge.sandbox.disconnect(MIA.passport);
      bridge.sandbox.closeBoards();
      await until("away", () => bridge.sandbox.sessions(MIA.passport) === 0);
      bridge.alice.say(room, "one");
      await until("one", () => texts().includes("one"));
      expect(bridge.alice.messages(room).some(({ body }) => body.includes("delivered"))).to.equal(false);
    });

    it("tells once, after a crash, from when to when the bridge was away, and says nothing after a proper stop", async () => {
      const said = (): string[] =>
        bridge.alice
          .messages(management)
          .flatMap(({ body }) => (body.includes("was away without warning") ? [body] : []));
      await bridge.stopBridge();
      await bridge.start();
      await nils.say(MIA.passport, "again").catch(() => undefined);
      expect(said()).to.deep.equal([]);
      await bridge.crash();
      await bridge.start();
      await until("the notice", () => said().length > 0);
      expect(said()[0]).to.match(/from 20\d\d-\d\d-\d\d \d\d:\d\d UTC to 20\d\d-\d\d-\d\d \d\d:\d\d UTC/u);
      expect(said()).to.have.length(1);
    });

    it("goes to the room again that the homeserver forbade for a moment, and fails alone where it stays forbidden", async () => {
      bridge.fake.fail({ method: "PUT", path: /\/send\//u, status: 403, body: { errcode: "M_FORBIDDEN" }, times: 1 });
      await nils.say(MIA.passport, "forbidden once");
      await bridge.reads(bridge.alice, room, "forbidden once");
      bridge.fake.fail({ method: "PUT", path: /\/send\//u, status: 403, body: { errcode: "M_FORBIDDEN" }, times: 2 });
      await nils.say(MIA.passport, "forbidden twice");
      await bridge.reads(bridge.alice, management, "A message from Nils could not be shown");
      await nils.say(MIA.passport, "and on it goes");
      await bridge.reads(bridge.alice, room, "and on it goes");
      const shown = bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
      expect(shown).to.deep.equal(["hello", "forbidden once", "and on it goes"]);
    });

    it("is told of elsewhere where the homeserver refuses the notice about it", async () => {
      bridge.fake.fail({ method: "PUT", path: /\/send\//u, status: 400, body: { errcode: "M_UNKNOWN" }, times: 1 });
      nils.leave(MIA.passport);
      nils.signOut();
      bridge.alice.say(room, "one");
      await bridge.reads(bridge.alice, management, "Your message was not delivered: Nils is offline");
    });

    it("keeps its order through every kind of trouble with the homeserver", async () => {
      const wanted = ["hello", ...Array.from({ length: 24 }, (_, index) => `m ${index}`)];
      const path = /\/send\//u;
      const faults = [
        { status: 429, body: { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 50 } },
        { status: 502, body: "<html>" },
        { resetAfterDeed: true },
        {},
      ];
      const shown = (): string[] =>
        bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
      for (const [index, fault] of faults.entries()) {
        bridge.fake.fail({ method: "PUT", path, times: 1, ...fault });
        const some = wanted.slice(1 + index * 6, 7 + index * 6);
        for (const text of some) await nils.say(MIA.passport, text);
        await until("these", () => shown().includes(some.at(-1) ?? ""));
      }
      expect(shown()).to.deep.equal(wanted);
    });
  });
}
