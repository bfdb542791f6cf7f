import { expect } from "chai";
import { TypingToMatrix, TypingToMsn } from "../../../src/bridge/portal/typing.ts";
import type { ScriptedContact } from "../../support/sandbox/scripted-contact.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const OLGA = "olga@example.com";

describe("bridge/portal/typing", () => {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const shared = { clock, log: silentLog, signal: stopping.signal };
  after(() => stopping.abort());

  describe("to MSN", () => {
    let sent: number[];
    let typing: TypingToMsn;
    let begin: number;
    beforeEach(async () => {
      await clock.advance(60_000);
      begin = clock.now();
      sent = [];
      typing = new TypingToMsn(shared, { sendTyping: () => Promise.resolve(void sent.push(clock.now() - begin)) });
    });
    afterEach(() => typing.stop());

    it("is told at once, then every five seconds, until she stops", async () => {
      typing.start();
      await clock.advance(7000);
      typing.start();
      await clock.advance(5000);
      typing.stop();
      await clock.advance(60_000);
      expect(sent).to.deep.equal([0, 5000, 10_000]);
    });

    it("is told once in five seconds, however often she stops and starts", async () => {
      for (let turn = 0; turn < 60; turn += 1) {
        typing.start();
        await clock.advance(100);
        typing.stop();
        await clock.advance(100);
      }
      expect(sent).to.deep.equal([0, 5000, 10_000]);
    });

    it("ends after two minutes in which the homeserver says nothing more", async () => {
      typing.start();
      await clock.advance(60 * 60_000);
      expect(sent).to.have.length(24);
      expect(clock.waiting).to.equal(0);
    });
  });

  describe("to Matrix", () => {
    it("is shown for ten seconds, no more often than MSN tells it, and ended by a message", async () => {
      const shown: Array<[isTyping: boolean, ms: number]> = [];
      const ghost = {
        userId: "@nils:localhost",
        typing: (_: string, isTyping: boolean, ms: number) => Promise.resolve(void shown.push([isTyping, ms])),
      };
      const room: { roomId: string | null } = { roomId: null };
      const typing = new TypingToMatrix({ ...shared, room });
      typing.start(ghost);
      room.roomId = "!room:localhost";
      for (let turn = 0; turn < 20; turn += 1) typing.start(ghost);
      await clock.advance(5000);
      typing.start(ghost);
      typing.end(ghost);
      typing.end(ghost);
      await clock.advance(0);
      expect(shown).to.deep.equal([
        [true, 10_000],
        [true, 10_000],
        [false, 10_000],
      ]);
      typing.start(ghost);
      await clock.advance(10_000);
      typing.end(ghost);
      await clock.advance(0);
      expect(shown).to.have.length(4);
    });
  });
});

for (const [msn, words] of NETWORKS) {
  describe(`typing, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let nils: ScriptedContact;
    let management: string;
    let room: string;
    beforeEach(async () => {
      bridge = await TestBridge.started({ msn });
      nils = bridge.sandbox.contact(NILS, "Nils");
      management = await bridge.login();
    });
    afterEach(() => bridge.close());

    async function chat(): Promise<void> {
      await nils.say(MIA.passport, "hello");
      room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "hello");
    }

    const shown = (): unknown[] =>
      bridge.fake.requests.flatMap(({ user, path, body }) =>
        path.includes("/typing/") && user === ghostOf(NILS) ? [body] : [],
      );

    it("of a contact is shown in her room, and ends with what she says", async () => {
      await chat();
      await nils.sayTyping(MIA.passport);
      await until("typing", () => shown().length === 1);
      await nils.say(MIA.passport, "that is what I typed");
      await bridge.reads(bridge.alice, room, "that is what I typed");
      await until("the end", () => shown().length === 2);
      expect(shown()).to.deep.equal([{ typing: true, timeout: 10_000 }, { typing: false }]);
    });

    it("of a contact never makes a room", async () => {
      await nils.sayTyping(MIA.passport);
      await chat();
      expect(shown()).to.deep.equal([]);
      expect(bridge.fake.requests.filter(({ path }) => path.endsWith("/createRoom"))).to.have.length(1);
    });

    it("of the person is shown to the contact while a switchboard is open, and never opens one", async () => {
      await chat();
      bridge.alice.typing(room, true);
      await until("typing", () => nils.typing.length === 1);
      expect(nils.typing).to.deep.equal([MIA.passport]);
      bridge.alice.typing(room, false);
      bridge.sandbox.closeBoards();
      await until("no board", () => bridge.sandbox.boards() === 0);
      bridge.alice.typing(room, true);
      await bridge.ask(management, "status", "signed in since");
      expect(bridge.sandbox.boards()).to.equal(0);
      bridge.alice.say(room, "done");
      await until("done", () => nils.received.some(({ text }) => text === "done"));
      expect(nils.typing).to.have.length(1);
    });

    it("in a group is shown as that of whoever types, and the person's to all of them", async () => {
      const olga = bridge.sandbox.contact(OLGA, "Olga");
      await nils.gather(MIA.passport, OLGA);
      nils.sayToAll("hello everybody");
      room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "hello everybody");
      await olga.sayTyping(MIA.passport);
      const { path } = await until("typing", () =>
        bridge.fake.requests.find(({ user, path: where }) => user === ghostOf(OLGA) && where.includes("/typing/")),
      );
      expect(path).to.include(encodeURIComponent(room));
      bridge.alice.typing(room, true);
      // Olga's own is heard by Nils as well.
      await until("both see it", () => olga.typing.length === 1 && nils.typing.includes(MIA.passport));
    });

    it("of others in the room is not shown to the contact", async () => {
      await chat();
      const bob = bridge.fake.user("bob");
      bob.typing(room, true);
      bridge.alice.say(room, "done");
      await until("done", () => nils.received.some(({ text }) => text === "done"));
      expect(nils.typing).to.deep.equal([]);
    });
  });
}

describe("read receipts", () => {
  it("of a contact are sent again when the homeserver was away", async () => {
    const bridge = await TestBridge.started();
    try {
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await bridge.login();
      await nils.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(NILS);
      bridge.fake.fail({ method: "POST", path: /\/receipt\//u, status: 502, body: "<html>", times: 1 });
      const path = `/receipt/m.read/${encodeURIComponent(bridge.alice.say(room, "one"))}`;
      await until(
        "two tries",
        () => bridge.fake.requests.filter((request) => request.path.endsWith(path)).length === 2,
      );
    } finally {
      await bridge.close();
    }
  });

  it("of a contact say that a message was delivered, unless the operator does not want that", async () => {
    for (const wanted of [true, false]) {
      const bridge = await TestBridge.started({ keys: { matrix: { delivery_receipts: wanted } } });
      try {
        const nils = bridge.sandbox.contact(NILS, "Nils");
        await bridge.login();
        await nils.say(MIA.passport, "hello");
        const room = await bridge.joinRoomOf(NILS);
        const eventId = bridge.alice.say(room, "one");
        await until("one", () => nils.received.length === 1);
        const receipts = (): number =>
          bridge.fake.requests.filter(({ path }) => path.endsWith(`/receipt/m.read/${encodeURIComponent(eventId)}`))
            .length;
        if (wanted) await until("a receipt", () => receipts() === 1);
        await bridge.stopBridge();
        expect(receipts()).to.equal(wanted ? 1 : 0);
      } finally {
        await bridge.close();
      }
    }
  });
});
