import { expect } from "chai";
import type { ScriptedContact } from "../../support/sandbox/scripted-contact.ts";
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
