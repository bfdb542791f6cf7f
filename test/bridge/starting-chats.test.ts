import { expect } from "chai";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("a chat that is started by inviting a contact", () => {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.started()));
  afterEach(() => bridge.close());

  const ghost = ghostOf(NILS);
  const left = async (room: string): Promise<void> => {
    await until("the ghost to leave", () => bridge.fake.room(room).membership(ghost) === "leave");
  };

  it("uses the room that the person has made", async () => {
    await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const room = bridge.alice.createDirectRoom(ghost);
    // Clients send the first words together with the invitation, before anybody has joined.
    for (const text of ["hello", "Nils"]) bridge.alice.say(room, text);
    await until("the ghost to join", () => bridge.fake.room(room).membership(ghost) === "join");
    bridge.alice.say(room, "!");
    await until("all", () => nils.received.length === 3);
    expect(nils.received.map(({ text }) => text)).to.have.members(["hello", "Nils", "!"]);
    await nils.say(MIA.passport, "hi");
    await bridge.reads(bridge.alice, room, "hi");
    expect(bridge.alice.invites()).to.deep.equal([]);
  });

  it("keeps the room and the first words when the bridge is stopped before it has read them", async () => {
    await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const reading = /\/messages$/u;
    bridge.fake.fail({ method: "GET", path: reading, status: 502, body: "<html>", times: 1000 });
    const room = bridge.alice.createDirectRoom(ghost);
    bridge.alice.say(room, "hello");
    await until("a try", () => bridge.fake.requests.some(({ path, user }) => reading.test(path) && user === ghost));
    await bridge.stopBridge();
    bridge.fake.calm();
    await bridge.start();
    await until("the first words", () => nils.received.length === 1);
    bridge.alice.say(room, "!");
    await until("all", () => nils.received.length === 2);
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["hello", "!"]);
    expect(bridge.alice.messages(room).map(({ sender }) => sender)).not.to.include(ghost);
  });

  it("says why when another room is being made at that moment", async () => {
    await bridge.login();
    const making = /\/createRoom$/u;
    bridge.fake.fail({ method: "POST", path: making, slow: { when: "after", ms: 300 }, times: 1 });
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    await until("asked", () => bridge.fake.requests.some(({ path, user }) => making.test(path) && user === ghost));
    const room = bridge.alice.createDirectRoom(ghost);
    await left(room);
    expect(bridge.fake.room(room).state("m.room.member", ghost)?.["reason"]).to.include("have a chat");
    await bridge.reads(bridge.alice, await bridge.joinRoomOf(NILS), "hello");
  });

  it("goes on where there is one already", async () => {
    await bridge.login();
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "one");
    const room = await bridge.joinRoomOf(NILS);
    const second = bridge.alice.createDirectRoom(ghost);
    await left(second);
    await bridge.sandbox.contact(NILS).say(MIA.passport, "two");
    await bridge.reads(bridge.alice, room, "two");
  });

  it("gets another room where the first is encrypted", async () => {
    await bridge.login();
    const room = bridge.alice.createDirectRoom(ghost, { encrypted: true });
    const other = await bridge.joinRoomOf(NILS);
    expect(other).to.not.equal(room);
    await left(room);
  });

  it("is no chat of several, and none of people without a login there, or without permission", async () => {
    const management = await bridge.manage();
    const early = bridge.alice.createDirectRoom(ghost);
    await left(early);
    bridge.alice.say(management, `login sandbox ${MIA.passport} ${MIA.password}`);
    await bridge.reads(bridge.alice, management, "You are signed in");
    const crowded = bridge.alice.createDirectRoom("@bob:localhost");
    bridge.fake.user("bob").join(crowded);
    bridge.alice.invite(crowded, ghost);
    await left(crowded);
    const blocked = bridge.fake.user("eve").createDirectRoom(ghost);
    await left(blocked);
    expect(bridge.fake.room(blocked).state("m.room.member", ghost)?.["reason"]).to.include("may not use this bridge");
  });
});

describe("the room of a chat", () => {
  let bridge: TestBridge;
  let management: string;
  let room: string;
  beforeEach(async () => {
    bridge = await TestBridge.started();
    management = await bridge.login();
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
  });
  afterEach(() => bridge.close());

  const member = (user: string): string | undefined => bridge.fake.room(room).membership(user);

  it("says which network it leads to, so that clients can show it", () => {
    for (const type of ["m.bridge", "uk.half-shot.bridge"]) {
      const content = bridge.fake.room(room).state(type, `msn://sandbox/${MIA.passport}/${NILS}`);
      expect(content).to.deep.include({ bridgebot: BOT, channel: { id: NILS, displayname: "Nils" } });
      expect(content).to.deep.include({ network: { id: "sandbox", displayname: "Sandbox" } });
    }
  });

  it("is deleted by its owner, and made anew for the next message only", async () => {
    bridge.alice.say(room, "!msn delete-portal");
    await bridge.reads(bridge.alice, management, "is deleted");
    await until("both gone", () => member(bridge.alice.userId) === "leave" && member(ghostOf(NILS)) === "leave");
    expect(bridge.alice.invites()).to.deep.equal([]);
    await bridge.sandbox.contact(NILS).say(MIA.passport, "again");
    const next = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, next, "again");
  });

  it("can be let go of, so that she stays in it alone", async () => {
    bridge.alice.say(management, `unbridge ${NILS}`);
    await bridge.reads(bridge.alice, management, "is not bridged any more");
    await until("the ghost to leave", () => member(ghostOf(NILS)) === "leave");
    expect(member(bridge.alice.userId)).to.equal("join");
  });

  it("goes by a name that only its owner sees", async () => {
    bridge.alice.say(management, `nickname ${NILS} Little brother`);
    await bridge.reads(bridge.alice, management, "is called Little brother");
    const name = (id: string): unknown => bridge.fake.room(id).state("m.room.name", "")?.["name"];
    expect(name(room)).to.equal("Little brother");
    bridge.alice.say(management, `delete-portal ${NILS}`);
    await bridge.reads(bridge.alice, management, "is deleted");
    await bridge.sandbox.contact(NILS).say(MIA.passport, "again");
    const next = await bridge.joinRoomOf(NILS);
    expect(name(next)).to.equal("Little brother");
    bridge.alice.say(management, `nickname ${NILS}`);
    await bridge.reads(bridge.alice, management, "goes by her own name");
    expect(name(next)).to.equal("");
  });

  it("takes a nudge, by command or reaction, and gives one that is noticed", async () => {
    const nils = bridge.sandbox.contact(NILS);
    bridge.alice.say(room, "!msn nudge");
    await bridge.reads(bridge.alice, room, "Nudged.");
    const hello = bridge.alice.messages(room).find(({ body }) => body === "hello");
    bridge.alice.send(room, "m.reaction", {
      "m.relates_to": { rel_type: "m.annotation", event_id: hello?.eventId, key: "🔔" },
    });
    await nils.nudge(MIA.passport);
    const nudge = await bridge.reads(bridge.alice, room, "sent you a nudge");
    expect(nudge.content).to.deep.include({ msgtype: "m.emote", "m.mentions": { user_ids: [bridge.alice.userId] } });
  });
});
