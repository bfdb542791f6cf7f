import { expect } from "chai";
import { giveUpRoom } from "../../../src/bridge/room/farewell.ts";
import { EagerClock } from "../../support/eager-clock.ts";
import { openHomeservers } from "../../support/homeservers.ts";
import { ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const OLGA = "olga@example.com";

describe("bridge/room/farewell", () => {
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

  const member = (id: string, user: string): Record<string, unknown> | undefined =>
    bridge.fake.room(id).state("m.room.member", user);
  const gone = async (id: string, passport: string): Promise<unknown> => {
    await until(`${passport} has left`, () => member(id, ghostOf(passport))?.["membership"] === "leave");
    return member(id, ghostOf(passport))?.["reason"];
  };

  for (const [command, reason] of [
    [`unbridge ${NILS}`, "You disconnected this room from MSN with unbridge."],
    [`delete-portal ${NILS}`, "You deleted this chat."],
    ["logout leave", "You logged out of MSN, and had the contacts leave your rooms."],
    ["logout delete", "You logged out of MSN, and had your chats deleted."],
  ] as const) {
    it(`says what was done, and that the room leads nowhere any more: ${command}`, async () => {
      bridge.alice.say(management, command);
      expect(await gone(room, NILS)).to.equal(reason);
      const last = bridge.alice.messages(room).at(-1);
      expect(last).to.include({ sender: ghostOf(NILS) });
      expect(last?.content).to.include({ msgtype: "m.notice" });
      expect(last?.body).to.include(`${reason} This room leads nowhere any more`);
    });
  }

  it("says nothing in a room that its owner has left", async () => {
    bridge.alice.leave(room);
    expect(await gone(room, NILS)).to.equal("The person this chat is for has left it.");
    expect(bridge.alice.messages(room).map(({ body }) => body)).to.deep.equal(["hello"]);
  });

  for (const path of [/\/send\//u, /\/kick$/u, /\/leave$/u]) {
    it(`does the rest when the homeserver refuses a part of it: ${path.source}`, async () => {
      await bridge.sandbox.contact(OLGA, "Olga").say(MIA.passport, "hello");
      const other = await bridge.joinRoomOf(OLGA);
      await bridge.reads(bridge.alice, other, "hello");
      const inRoom = new RegExp(encodeURIComponent(room) + path.source, "u");
      bridge.fake.fail({ path: inRoom, times: 100, status: 403, body: { errcode: "M_FORBIDDEN", error: "no" } });
      await bridge.ask(management, `delete-portal ${NILS}`, "is deleted");
      const isThere = path.source.includes("leave");
      expect(member(room, ghostOf(NILS))?.["membership"]).to.equal(isThere ? "join" : "leave");
      await bridge.ask(management, "logout leave", "1 room was left by your contacts");
      await gone(other, OLGA);
    });
  }
});

describe("giving up a room", () => {
  const GHOSTS = ["a", "b", "c"].map((name) => `@msn_one_${name}:localhost`);
  for (const [path, status] of [
    [/\/send\//u, 500],
    [/\/kick$/u, 502],
    [/leave$/u, 500],
    [/\/leave$/u, 403],
  ] as const) {
    it(`does the rest when one part of it fails: ${path.source} with ${status}`, async () => {
      const servers = await openHomeservers();
      const { fake, homeserver } = servers;
      const [mainIntent, ...others] = GHOSTS.map((id) => homeserver.intent(id));
      if (mainIntent === undefined) throw new Error("no mainIntent");
      const alice = fake.user("alice");
      const roomId = await mainIntent.createRoom({ invite: [alice.userId, ...GHOSTS.slice(1)] });
      for (const one of others) await one.join(roomId);
      alice.join(roomId);
      const body = { errcode: status === 403 ? "M_FORBIDDEN" : "M_UNKNOWN", error: "no" };
      fake.fail({ path, times: status === 403 ? 1 : 3, status, body });
      const scope = { clock: new EagerClock(), signal: new AbortController().signal };
      const given = { roomId, end: "deleted", owner: alice.userId, mainIntent, others } as const;
      const problems = await giveUpRoom(scope, given, 3);
      const isRefused = status === 403;
      expect(problems).to.have.length(isRefused ? 0 : 1);
      const inRoom = fake.room(roomId).members("join");
      // Only what has failed is not done.
      const stays = path.source.includes("kick") ? [alice.userId] : path.source.includes("leave") ? [GHOSTS[1]] : [];
      expect(inRoom).to.deep.equal(stays);
      await servers.close();
    });
  }
});

describe("what the owner may do in a chat of two", () => {
  for (const version of ["11", "12"]) {
    it(`is deleting messages, and setting name, picture and topic, in rooms of version ${version}`, async () => {
      const bridge = await TestBridge.open();
      try {
        bridge.fake.world.roomVersion = version;
        await bridge.start();
        const management = await bridge.login();
        const nils = bridge.sandbox.contact(NILS, "Nils");
        await nils.say(MIA.passport, "hello");
        const room = await bridge.joinRoomOf(NILS);
        const { eventId } = await bridge.reads(bridge.alice, room, "hello");
        const { alice, fake } = bridge;
        alice.redact(room, eventId);
        fake.world.send(alice.userId, room, "m.room.avatar", { url: "mxc://localhost/picture" }, "");
        fake.world.send(alice.userId, room, "m.room.topic", { topic: "Music" }, "");
        fake.world.send(alice.userId, room, "m.room.name", { name: "Little brother" }, "");
        for (const type of ["m.room.encryption", "m.room.power_levels", "m.room.tombstone", "m.room.join_rules"])
          expect(() => fake.world.send(alice.userId, room, type, {}, ""), type).to.throw("may not");
        expect(() => alice.invite(room, "@bob:localhost")).to.throw("may not");
        alice.say(room, "and you?");
        await until("nothing of that crosses", () => nils.received.length > 0);
        expect(nils.received.map(({ text }) => text)).to.deep.equal(["and you?"]);
        // What the owner calls the chat stays.
        await bridge.ask(management, `delete-portal ${NILS}`, "is deleted");
        await nils.say(MIA.passport, "again");
        const next = await bridge.joinRoomOf(NILS);
        await bridge.reads(alice, next, "again");
        expect(fake.room(next).state("m.room.name")).to.deep.equal({ name: "Little brother" });
        expect(alice.messages(next).map(({ body }) => body)).to.deep.equal(["again"]);
      } finally {
        await bridge.close();
      }
    });
  }
});
