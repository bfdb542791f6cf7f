import { expect } from "chai";
import { secretMark } from "../../../src/bridge/bot/secret-mark.ts";
import { RoomChanges } from "../../../src/bridge/from-matrix/room-changes.ts";
import type { RoomStep } from "../../../src/bridge/from-matrix/room-step.ts";
import type { InboundScope } from "../../../src/bridge/from-matrix/scope.ts";
import { Logins } from "../../../src/bridge/login/logins.ts";
import { isState } from "../../../src/convert/matrix-event.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import { matrixEvent } from "../../support/matrix-event.ts";
import { inboundScope, intentOf, testNetwork } from "../../support/scopes.ts";
import { BOT } from "../../support/test-bridge.ts";

const [ALICE, BOB] = ["@alice:localhost", "@bob:localhost"];
const NILS = "@msn_one_nils=40example.com:localhost";
const LENA = "@msn_one_lena=40example.com:localhost";
const [CHAT, BOT_ROOM, NOWHERE] = ["!chat:localhost", "!bot:localhost", "!nowhere:localhost"];

describe("bridge/from-matrix/room-changes", () => {
  let scope: InboundScope;
  let changes: RoomChanges;
  let portal: PortalRow;
  let stopping: AbortController;

  beforeEach(() => {
    stopping = new AbortController();
    scope = inboundScope({ bot: intentOf(BOT, () => Promise.resolve({})), signal: stopping.signal });
    const { store } = scope;
    const login = store.logins.save({ server: "one", passport: "mia@example.com", owner: ALICE });
    portal = store.portals.save({ loginId: login.id, kind: "direct", remote: "nils@example.com" });
    store.portals.setRoom(portal.id, CHAT);
    store.managementRooms.save({ roomId: BOT_ROOM, owner: ALICE });
    scope = { ...scope, logins: new Logins(scope, [testNetwork()]) };
    changes = new RoomChanges(scope);
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
  });

  function take(room: string, type: string, content: object, { key = "", sender = ALICE } = {}): RoomStep | undefined {
    const event = matrixEvent({ room_id: room, type, state_key: key, sender, content });
    return isState(event) ? changes.take(event) : expect.fail("it is no state");
  }

  function member(room: string, userId: string, membership: string, sender = ALICE): RoomStep | undefined {
    return take(room, "m.room.member", { membership }, { key: userId, sender });
  }

  const roomId = (): string | null => scope.store.portals.get(portal.id).roomId;

  type Member = [what: string, room: string, userId: string, membership: string, step: RoomStep["type"] | undefined];
  const MEMBERS: Member[] = [
    ["the bot is invited", NOWHERE, BOT, "invite", "manage"],
    ["a ghost is invited into a room of nobody", NOWHERE, NILS, "invite", "adopt"],
    ["a ghost is invited into its own chat", CHAT, NILS, "invite", "catch-up"],
    ["the owner invites another ghost into a chat", CHAT, LENA, "invite", "call"],
    ["a user is invited into a chat", CHAT, BOB, "invite", undefined],
    ["a user is invited into a room with the bot that waits for nothing", BOT_ROOM, BOB, "invite", undefined],
    ["another user comes into a room with the bot", BOT_ROOM, BOB, "join", "leave-crowded"],
    ["the owner comes into a room with the bot", BOT_ROOM, ALICE, "join", undefined],
    ["the bot comes into a room with the bot", BOT_ROOM, BOT, "join", undefined],
    ["the owner leaves a room with the bot", BOT_ROOM, ALICE, "leave", "give-up"],
    ["the bot is banned from a room with it", BOT_ROOM, BOT, "ban", "give-up"],
    ["another user leaves a room with the bot", BOT_ROOM, BOB, "leave", undefined],
    ["a user knocks", CHAT, BOB, "knock", undefined],
    ["a user comes into a room of nobody", NOWHERE, BOB, "join", undefined],
  ];
  for (const [what, room, userId, membership, step] of MEMBERS) {
    it(`does ${step ?? "nothing"} when ${what}`, () => {
      expect(member(room, userId, membership)?.type).to.equal(step);
      expect(roomId()).to.equal(CHAT);
    });
  }

  it("sends a ghost away that another user invites into a chat", () => {
    expect(member(CHAT, LENA, "invite", BOB)).to.deep.include({ type: "leave", roomId: CHAT });
  });

  it("warns where another user is invited while the bot waits for a secret", () => {
    secretMark(scope.store.said, BOT_ROOM).set(true);
    expect(member(BOT_ROOM, BOB, "invite")?.type).to.equal("warn");
  });

  it("leaves what a room takes the place of once its owner is there", () => {
    scope.store.said.once(BOT_ROOM, "instead of !old:localhost");
    expect(member(BOT_ROOM, ALICE, "join")).to.deep.equal({ type: "leave-replaced", roomId: BOT_ROOM });
  });

  for (const userId of [ALICE, NILS]) {
    it(`loses the room of a chat at once when ${userId} has left it`, () => {
      expect(member(CHAT, userId, "leave")).to.equal(undefined);
      expect(roomId()).to.equal(null);
    });
  }

  it("keeps what the owner calls a chat, and nobody else", () => {
    const title = (): string | null => scope.store.portals.title(portal.id);
    expect(take(CHAT, "m.room.name", { name: "Us" })).to.equal(undefined);
    expect(take(CHAT, "m.room.name", { name: "Them" }, { sender: BOB })).to.equal(undefined);
    expect(title()).to.equal("Us");
    expect(take(CHAT, "m.room.name", { name: "" })?.type).to.equal("name");
    expect(title()).to.equal(null);
  });

  it("follows an upgrade, and waits for no invitation into the next room", () => {
    expect(take(BOT_ROOM, "m.room.tombstone", { replacement_room: "!new:localhost" })).to.deep.equal({
      type: "follow",
      roomId: BOT_ROOM,
      to: "!new:localhost",
      owner: ALICE,
    });
    expect(take(CHAT, "m.room.tombstone", { replacement_room: "!next:localhost" })?.type).to.equal("follow-portal");
    for (const user of [BOT, NILS]) expect(member("!next:localhost", user, "invite")).to.equal(undefined);
  });

  it("loses the room of a chat that was closed for good", () => {
    expect(take(CHAT, "m.room.tombstone", {})).to.equal(undefined);
    expect(roomId()).to.equal(null);
  });
});
