import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("people who leave", () => {
  let bridge: TestBridge;
  let nils: ScriptedContact;
  let management: string;
  beforeEach(async () => {
    bridge = await TestBridge.started();
    nils = bridge.sandbox.contact(NILS, "Nils");
    management = await bridge.login();
  });
  afterEach(() => bridge.close());

  async function chat(): Promise<string> {
    await nils.say(MIA.passport, "hello");
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
    await settled(room);
    return room;
  }

  /** Only once the bridge has seen that she is in the room is it settled that she can read what is there. */
  async function settled(room: string): Promise<void> {
    const asked = `/rooms/${encodeURIComponent(room)}/state/m.room.member/`;
    await until("looked", () => bridge.fake.requests.some(({ path }) => path.includes(asked)));
  }

  const ways: Array<[how: string, go: (room: string) => void]> = [
    ["leaves", (room) => bridge.alice.leave(room)],
    ["is banned", (room) => bridge.fake.world.setMembership(room, "@admin:localhost", bridge.alice.userId, "ban")],
    [
      "leaves, unnoticed until something is shown",
      (room) => {
        bridge.fake.holdTransactions(true);
        bridge.alice.leave(room);
      },
    ],
    [
      "loses the ghost by a kick",
      (room) => bridge.fake.world.setMembership(room, "@admin:localhost", ghostOf(NILS), "leave"),
    ],
    [
      "loses the ghost by a ban",
      (room) => bridge.fake.world.setMembership(room, "@admin:localhost", ghostOf(NILS), "ban"),
    ],
  ];
  for (const [how, go] of ways) {
    it(`makes a new room for the next message when the owner ${how}, and shows nothing in the old one`, async () => {
      const room = await chat();
      go(room);
      const isNoticed = !how.includes("unnoticed");
      if (isNoticed) await until("noticed", () => bridge.fake.room(room).membership(ghostOf(NILS)) !== "join");
      const messages = (): number =>
        bridge.fake.room(room).timeline.filter(({ type }) => type === "m.room.message").length;
      const before = messages();
      await nils.say(MIA.passport, "are you still there?");
      const next = await until("another invitation", () => bridge.alice.invites().find((id) => id !== room));
      bridge.fake.holdTransactions(false);
      bridge.alice.join(next);
      await bridge.reads(bridge.alice, next, "are you still there?");
      if (isNoticed) expect(messages()).to.equal(before);
      expect(bridge.alice.messages(next).map(({ body }) => body)).to.deep.equal(["are you still there?"]);
      await until("the ghost has left the old room", () => bridge.fake.room(room).membership(ghostOf(NILS)) !== "join");
      bridge.alice.say(next, "yes");
      await until("yes", () => nils.received.some(({ text }) => text === "yes"));
    });
  }

  const shown = (room: string, words: string): boolean =>
    bridge.fake.room(room).timeline.some(({ content }) => content["body"] === words);

  it("shows again what came into the room after its owner had left, though the bridge is told that afterwards", async () => {
    const room = await chat();
    bridge.fake.holdTransactions(true);
    bridge.alice.leave(room);
    for (const words of ["one", "two", "three"]) await nils.say(MIA.passport, words);
    await until("three", () => shown(room, "three"));
    bridge.fake.holdTransactions(false);
    const next = await until("another invitation", () => bridge.alice.invites().find((id) => id !== room));
    bridge.alice.join(next);
    await bridge.reads(bridge.alice, next, "three");
    expect(bridge.alice.messages(next).map(({ body }) => body)).to.deep.equal(["one", "two", "three"]);
  });

  it("shows again only what its owner did not see before they left", async () => {
    const room = await chat();
    bridge.fake.holdTransactions(true);
    await nils.say(MIA.passport, "seen");
    await until("seen", () => shown(room, "seen"));
    bridge.alice.leave(room);
    await nils.say(MIA.passport, "not seen");
    await until("not seen", () => shown(room, "not seen"));
    bridge.fake.holdTransactions(false);
    const next = await until("another invitation", () => bridge.alice.invites().find((id) => id !== room));
    bridge.alice.join(next);
    await bridge.reads(bridge.alice, next, "not seen");
    expect(bridge.alice.messages(next).map(({ body }) => body)).to.deep.equal(["not seen"]);
  });

  it("shows again what came into the room after its owner had left, though the bridge dies before it is told", async () => {
    const room = await chat();
    bridge.fake.holdTransactions(true);
    bridge.alice.leave(room);
    for (const words of ["one", "two"]) await nils.say(MIA.passport, words);
    await until("two", () => shown(room, "two"));
    // What it would ask as it ends stays unanswered, as when it is killed.
    bridge.fake.fail({ path: /\/state\/m\.room\.member\//u, status: 502, times: Infinity });
    await bridge.crash();
    bridge.fake.calm();
    await bridge.start();
    bridge.fake.holdTransactions(false);
    const next = await until("another invitation", () => bridge.alice.invites().find((id) => id !== room));
    bridge.alice.join(next);
    await bridge.reads(bridge.alice, next, "two");
    expect(bridge.alice.messages(next).map(({ body }) => body)).to.deep.equal(["one", "two"]);
  });

  it("shows it again also where a homeserver keeps transaction ids of two rooms for one", async () => {
    await bridge.close();
    bridge = await TestBridge.started({ mood: "conduit" });
    await bridge.login();
    nils = bridge.sandbox.contact(NILS, "Nils");
    const room = await chat();
    bridge.fake.holdTransactions(true);
    bridge.alice.leave(room);
    await nils.say(MIA.passport, "one");
    await until("one", () => shown(room, "one"));
    bridge.fake.holdTransactions(false);
    const next = await until("another invitation", () => bridge.alice.invites().find((id) => id !== room));
    bridge.alice.join(next);
    await bridge.reads(bridge.alice, next, "one");
  });

  it("makes a new room when the invitation was declined, and none before there is something to show", async () => {
    // That of a stranger is another matter.
    await bridge.ask(management, `allow ${NILS}`, "may see you");
    await nils.say(MIA.passport, "hello");
    const room = await until("an invitation", () => bridge.alice.invites()[0]);
    await settled(room);
    bridge.alice.leave(room);
    await until("the ghost has left", () => bridge.fake.room(room).membership(ghostOf(NILS)) === "leave");
    expect(bridge.fake.rooms()).to.have.length(2);
    await nils.say(MIA.passport, "hello again");
    const next = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, next, "hello again");
    expect(bridge.fake.rooms()).to.have.length(3);
  });

  it("opens the room again with start-chat", async () => {
    const room = await chat();
    bridge.alice.leave(room);
    await until("the ghost has left", () => bridge.fake.room(room).membership(ghostOf(NILS)) === "leave");
    bridge.alice.say(management, `start-chat ${NILS}`);
    await bridge.reads(bridge.alice, management, "I invited you");
    expect(await bridge.joinRoomOf(NILS)).not.to.equal(room);
  });

  it("leaves the management room when its person does, and tells her things in another one", async () => {
    const other = await bridge.manage();
    bridge.alice.leave(other);
    await until("the bot has left", () => bridge.fake.room(other).membership(BOT) === "leave");
    bridge.sandbox.contact(MIA.passport);
    await bridge.reads(bridge.alice, management, "somewhere else");
  });

  it("takes every direct room with the bot for a management room, also after a kick", async () => {
    bridge.fake.world.setMembership(management, "@admin:localhost", BOT, "leave");
    const other = await bridge.manage();
    bridge.alice.say(other, "status");
    await bridge.reads(bridge.alice, other, "signed in since");
  });

  it("follows an upgrade of a portal into the room that replaces it", async () => {
    const room = await chat();
    const next = bridge.fake.world.upgrade(room, ghostOf(NILS), bridge.alice.userId);
    await until("moved", () => bridge.fake.room(next).membership(ghostOf(NILS)) === "join");
    bridge.alice.join(next);
    await nils.say(MIA.passport, "in the new room");
    await bridge.reads(bridge.alice, next, "in the new room");
    expect(bridge.alice.messages(room).some(({ body }) => body === "in the new room")).to.equal(false);
    bridge.alice.say(next, "from the new room");
    await until("crossed", () => nils.received.some(({ text }) => text === "from the new room"));
  });

  it("follows an upgrade although it was stopped before it was invited", async () => {
    const room = await chat();
    const next = bridge.fake.world.upgrade(room, bridge.alice.userId);
    const joining = `/rooms/${encodeURIComponent(next)}/join`;
    await until("a try", () => bridge.fake.requests.some(({ path }) => path.endsWith(joining)));
    await bridge.stopBridge();
    bridge.fake.world.invite("@admin:localhost", next, ghostOf(NILS));
    await bridge.start();
    bridge.alice.join(next);
    await until("moved", () => bridge.fake.room(next).membership(ghostOf(NILS)) === "join");
    await until("signed in", async () =>
      nils.say(MIA.passport, "in the new room").then(
        () => true,
        () => false,
      ),
    );
    await bridge.reads(bridge.alice, next, "in the new room");
    expect(bridge.fake.rooms().map(({ id }) => id)).to.deep.equal([management, room, next]);
  });

  it("follows an upgrade once the homeserver is itself again, and shows nothing in the old room meanwhile", async () => {
    const room = await chat();
    const struck = Promise.withResolvers<void>();
    const fault = { status: 502, body: "<html>", onStrike: struck.resolve };
    bridge.fake.fail({ method: "POST", path: /\/join$/u, times: 1, ...fault });
    const next = bridge.fake.world.upgrade(room, ghostOf(NILS), bridge.alice.userId);
    bridge.alice.join(next);
    await struck.promise;
    await nils.say(MIA.passport, "in the new room");
    await bridge.reads(bridge.alice, next, "in the new room");
    expect(bridge.alice.messages(room).map(({ body }) => body)).to.deep.equal(["hello"]);
  });

  it("does not follow a tombstone to a room that does not say it replaces this one", async () => {
    const room = await chat();
    const trap = bridge.alice.createRoom({ invite: [ghostOf(NILS)] });
    bridge.fake.world.setState(room, "@admin:localhost", "m.room.tombstone", { replacement_room: trap });
    await until("lost", () => bridge.fake.room(room).membership(ghostOf(NILS)) === "leave");
    await nils.say(MIA.passport, "where are you?");
    const next = await bridge.joinRoomOf(NILS);
    expect(next).not.to.equal(trap);
    await bridge.reads(bridge.alice, next, "where are you?");
  });
});
