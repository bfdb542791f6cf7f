import { expect } from "chai";
import type { ScriptedContact } from "../../support/sandbox/scripted-contact.ts";
import { hastyClock } from "../../support/file-bench.ts";
import { HurriedClock } from "../../support/hurried-clock.ts";
import { ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

for (const told of ["bundled", "listed", "untold"] as const) {
  describe(`what messages say now, edits ${told} by the homeserver`, () => {
    let bridge: TestBridge;
    let nils: ScriptedContact;
    let room: string;
    before(async () => {
      bridge = await TestBridge.open({ keys: { messages: { reactions: "text" } } });
      // What is gathered is said soon.
      await bridge.start(hastyClock({ 3000: 10 }));
      bridge.fake.world.edits = told;
      nils = bridge.sandbox.contact(NILS, "Nils");
      await bridge.login();
      await nils.say(MIA.passport, "hello");
      room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "hello");
    });
    after(() => bridge.close());
    beforeEach(() => void nils.received.splice(0));
    afterEach(() => nils.signIn());

    const texts = (): string[] => nils.received.map(({ text }) => text);
    const notices = (words: string): number =>
      bridge.alice.messages(room).filter(({ body }) => body.includes(words)).length;

    function edit(eventId: string, body: string, type = "m.room.message", person = bridge.alice, to = room): string {
      const relation = { rel_type: "m.replace", event_id: eventId };
      const content = { msgtype: "m.text", body };
      return person.send(to, type, {
        msgtype: "m.text",
        body: `* ${body}`,
        "m.new_content": content,
        "m.relates_to": relation,
      });
    }

    const react = (eventId: string, key: string): string =>
      bridge.alice.send(room, "m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id: eventId, key } });

    async function arrives(...wanted: string[]): Promise<void> {
      await until(wanted.join(), () => texts().length >= wanted.length);
      expect(texts()).to.deep.equal(wanted);
    }

    /** Waits until the bridge has read everything that was sent so far, and has sent it on. */
    async function hasSent(): Promise<void> {
      bridge.alice.say(room, "end");
      await until("the end", () => texts().includes("end"));
      nils.received.pop();
    }

    /** Says something that does not arrive. */
    async function fails(say: () => string): Promise<string> {
      nils.signOut();
      const before = notices("was not delivered");
      const eventId = say();
      await until("a word about it", () => notices("was not delivered") > before);
      return eventId;
    }

    it("is what is sent again, by reaction or command, and what was edited is not sent by itself", async () => {
      for (const again of ["🔁", "retry", "notice"]) {
        nils.received.splice(0);
        const kept = notices("Your edit was not delivered: Nils did not get");
        const five = await fails(() => bridge.alice.say(room, "meet at 5"));
        edit(five, "meet at 6");
        await until("a word about the edit", () => notices("Your edit was not delivered: Nils did not get") > kept);
        edit(five, "meet at 7");
        nils.signIn();
        await hasSent();
        expect(texts()).to.deep.equal([]);
        expect(notices("Your edit was not delivered: Nils did not get")).to.equal(kept + 1);
        const notice = bridge.alice.messages(room).findLast(({ body }) => body.includes("Your edit was"));
        if (again === "retry") bridge.alice.say(room, "!msn retry");
        else react(again === "notice" ? (notice?.eventId ?? "") : five, "🔁");
        await arrives("meet at 7");
        edit(five, "meet at 7");
        await hasSent();
        edit(five, "meet at 8");
        await arrives("meet at 7", "* meet at 8");
      }
    });

    it("is what was there before, where an edit is deleted; nothing, where the message is", async () => {
      const five = await fails(() => bridge.alice.say(room, "meet at 5"));
      const six = edit(five, "meet at 6");
      bridge.alice.redact(room, edit(five, "meet at 7"));
      nils.signIn();
      await hasSent();
      react(five, "🔁");
      await arrives("meet at 6");
      nils.received.splice(0);
      const gone = await fails(() => bridge.alice.say(room, "gone"));
      bridge.alice.redact(room, gone);
      bridge.alice.redact(room, six);
      nils.signIn();
      react(gone, "🔁");
      await hasSent();
      expect(texts()).to.deep.equal([]);
    });

    it("is a correction where only that did not arrive, and no older one", async () => {
      const five = bridge.alice.say(room, "meet at 5");
      await arrives("meet at 5");
      await fails(() => edit(five, "meet at 6"));
      const seven = await fails(() => edit(five, "meet at 7"));
      nils.signIn();
      react(five, "🔁");
      await arrives("meet at 5", "* meet at 7");
      react(seven, "🔁");
      bridge.alice.say(room, "!msn retry");
      await hasSent();
      expect(texts()).to.deep.equal(["meet at 5", "* meet at 7"]);
    });

    it("is corrected back to what it was before it was sent", async () => {
      bridge.sandbox.stall("acknowledgements", true);
      bridge.alice.say(room, "first");
      await arrives("first");
      const five = bridge.alice.say(room, "meet at 5");
      const six = edit(five, "meet at 6");
      bridge.alice.redact(room, edit(five, "meet at 7"));
      const question = bridge.alice.say(room, "!msn help cancel");
      await until("an answer", () =>
        bridge.alice.messages(room).some(({ content }) => JSON.stringify(content).includes(question)),
      );
      bridge.sandbox.stall("acknowledgements", false);
      bridge.sandbox.closeBoards();
      await arrives("first", "meet at 6");
      edit(five, "meet at 6");
      await hasSent();
      edit(five, "meet at 5");
      await arrives("first", "meet at 6", "* meet at 5");
      bridge.alice.redact(room, six);
    });

    it("is what answers and reactions quote", async () => {
      const five = bridge.alice.say(room, "meet at 5");
      edit(five, "meet at 6");
      edit(five, "meet at 7");
      await hasSent();
      nils.received.splice(0);
      const relation = { "m.in_reply_to": { event_id: five } };
      bridge.alice.send(room, "m.room.message", { msgtype: "m.text", body: "yes", "m.relates_to": relation });
      react(five, "🦊");
      await arrives("> mia: meet at 7\nyes", '/me reacted 🦊 to "meet at 7"');
    });

    it("is what answers quote that name an edit, with the names that the contact knows", async () => {
      const named = `[N](https://matrix.to/#/${encodeURIComponent(ghostOf(NILS))})`;
      const five = bridge.alice.say(room, "meet at 5");
      await arrives("meet at 5");
      const six = edit(five, `${named}: meet at 6`);
      const unchanged = { msgtype: "m.text", body: "Nils: meet at 6" };
      const relation = { "m.relates_to": { rel_type: "m.replace", event_id: five } };
      bridge.alice.send(room, "m.room.message", { ...unchanged, "m.new_content": unchanged, ...relation });
      await hasSent();
      expect(texts()).to.deep.equal(["meet at 5", "* Nils: meet at 6"]);
      nils.received.splice(0);
      const answered = { "m.in_reply_to": { event_id: six } };
      bridge.alice.send(room, "m.room.message", { msgtype: "m.text", body: "yes", "m.relates_to": answered });
      react(six, "🦊");
      await arrives("> mia: Nils: meet at 6\nyes", '/me reacted 🦊 to "Nils: meet at 6"');
    });

    it("is what is sent, or has been, where its edits come before it", async () => {
      const events = (...ids: string[]): object => ({ events: ids.map((id) => bridge.fake.room(room).event(id)) });
      bridge.fake.holdTransactions(true);
      const five = bridge.alice.say(room, "meet at 5");
      const [six, seven] = [edit(five, "meet at 6"), edit(five, "meet at 7")];
      await bridge.fake.push({ ...events(seven, six, five) });
      await until("what it says", () => texts().length > 0);
      const one = bridge.alice.say(room, "one");
      const two = edit(one, "two");
      await bridge.fake.push({ ...events(two) });
      await until("its edit", () => texts().length > 1);
      bridge.fake.holdTransactions(false);
      await hasSent();
      expect(texts()).to.deep.equal(["meet at 7", "* two"]);
      edit(one, "three");
      edit(five, "meet at 8");
      await arrives("meet at 7", "* two", "* three", "* meet at 8");
    });

    it("is not changed by what Matrix does not accept, and no such edit crosses", async () => {
      const one = bridge.alice.say(room, "one");
      await arrives("one");
      const eve = bridge.fake.user("eve");
      bridge.fake.world.invite(ghostOf(NILS), room, eve.userId);
      eve.join(room);
      const other = bridge.alice.createRoom();
      const elsewhere = bridge.alice.say(other, "elsewhere");
      const hello = bridge.alice.messages(room).find(({ body }) => body === "hello")?.eventId ?? "";
      const member = bridge.fake.room(room).stateEvent("m.room.member", bridge.alice.userId)?.event_id ?? "";
      for (const target of [eve.say(room, "mine"), hello, "$nothing", elsewhere, member]) edit(target, "sly");
      edit(one, "sly", "m.room.message", eve);
      edit(one, "sly", "m.message");
      edit(one, "one");
      const two = edit(one, "two");
      edit(one, "sly", "m.message");
      await arrives("one", "* two");
      edit(two, "sly");
      edit(one, "two");
      await hasSent();
      edit(one, "one");
      await hasSent();
      expect(texts()).to.deep.equal(["one", "* two", "* one"]);
      expect(notices("sly")).to.be.greaterThan(5);
      bridge.alice.leave(other);
    });

    it("is a message of its own where the contact has nothing that it could correct", async () => {
      const command = bridge.alice.say(room, "!msn help cancel");
      edit(command, "what I ment");
      await arrives("what I ment");
      edit(command, "what I meant");
      edit(bridge.alice.send(room, "m.room.message", { msgtype: "m.notice", body: "beep" }), "said by a person");
      edit(bridge.alice.say(room, "   "), "something");
      await arrives("what I ment", "* what I meant", "said by a person", "something");
    });
  });
}

describe("what messages say now, where the homeserver has trouble with one of them", () => {
  let bridge: TestBridge;
  const clock = new HurriedClock();
  before(async () => {
    bridge = await TestBridge.open();
    await bridge.start(clock);
  });
  after(() => {
    clock.isHurried = false;
    return bridge.close();
  });

  it("holds nothing up: an answer goes without its quotation, an edit and a retry are told", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await bridge.login();
    await nils.say(MIA.passport, "hello");
    const room = await bridge.joinRoomOf(NILS);
    const { eventId } = await bridge.reads(bridge.alice, room, "hello");
    bridge.alice.say(room, "one");
    await until("one", () => nils.received.length === 1);
    const one = bridge.alice.messages(room).find(({ body }) => body === "one")?.eventId ?? "";
    bridge.fake.fail({
      path: /\/rooms\/[^/]+\/event\//u,
      status: 500,
      body: { errcode: "M_UNKNOWN" },
      times: Infinity,
    });
    const answered = { "m.in_reply_to": { event_id: eventId } };
    bridge.alice.send(room, "m.room.message", { msgtype: "m.text", body: "yes", "m.relates_to": answered });
    bridge.alice.say(room, "go on");
    await until("what comes behind", () => nils.received.some(({ text }) => text === "go on"));
    const two = { msgtype: "m.text", body: "two" };
    const relation = { rel_type: "m.replace", event_id: one };
    const edit = bridge.alice.send(room, "m.room.message", { ...two, "m.new_content": two, "m.relates_to": relation });
    const told = await bridge.reads(bridge.alice, room, "did not say which message");
    expect(told.content["m.relates_to"]).to.deep.equal({ "m.in_reply_to": { event_id: edit } });
    bridge.fake.calm();
    bridge.alice.send(room, "m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id: edit, key: "🔁" } });
    await until("the edit", () => nils.received.some(({ text }) => text === "* two"));
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["one", "yes", "go on", "* two"]);
  });
});
