import { expect } from "chai";
import type { Permissions } from "../../../src/bridge/base/permissions.ts";
import { CommandRuns } from "../../../src/bridge/from-matrix/command-runs.ts";
import { RoomChanges } from "../../../src/bridge/from-matrix/room-changes.ts";
import { RoomWork } from "../../../src/bridge/from-matrix/room-work.ts";
import { Router } from "../../../src/bridge/from-matrix/router.ts";
import { Routing } from "../../../src/bridge/from-matrix/routing.ts";
import type { InboundScope } from "../../../src/bridge/from-matrix/scope.ts";
import { UnknownRooms } from "../../../src/bridge/from-matrix/unknown-rooms.ts";
import { Logins } from "../../../src/bridge/login/logins.ts";
import type { JournalRow } from "../../../src/store/journal-row.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import { matrixEvent } from "../../support/matrix-event.ts";
import { inboundScope, intentOf, testNetwork, ToldNotices } from "../../support/scopes.ts";
import { BOT } from "../../support/test-bridge.ts";

const [ALICE, BOB, EVE] = ["@alice:localhost", "@bob:localhost", "@eve:localhost"];
const NILS = "@msn_one_nils=40example.com:localhost";
const [CHAT, BOT_ROOM, EVES_CHAT, GONE, NEW, NOWHERE] = [
  "!chat:localhost",
  "!bot:localhost",
  "!eves:localhost",
  "!gone:localhost",
  "!new:localhost",
  "!nowhere:localhost",
];
const ADDRESS = { userId: BOT, name: "MSN bridge", prefix: "!msn" };

describe("bridge/from-matrix/router", () => {
  let scope: InboundScope;
  let notices: ToldNotices;
  let stopping: AbortController;
  let portal: PortalRow;
  let router: Router;
  let routing: Routing;
  let count: number;

  beforeEach(() => {
    stopping = new AbortController();
    notices = new ToldNotices();
    [routing, count] = [new Routing(), 0];
    const permissions: Permissions = {
      levelOf: (userId) => (userId === EVE ? "block" : "user"),
      isAllowed: (userId) => userId !== EVE,
    };
    const bot = intentOf(BOT, () => Promise.resolve({}));
    scope = inboundScope({ bot, notices, permissions, signal: stopping.signal });
    portal = chat(ALICE, "one", CHAT);
    chat(EVE, "one", EVES_CHAT);
    chat(ALICE, "closed-down", GONE);
    scope.store.managementRooms.save({ roomId: BOT_ROOM, owner: ALICE });
    scope = { ...scope, logins: new Logins(scope, [testNetwork()]) };
    router = new Router(scope, ADDRESS, {
      changes: new RoomChanges(scope),
      commands: new CommandRuns(scope, { run: () => expect.fail("the router runs nothing by itself") }),
      unknownRooms: new UnknownRooms(scope, new RoomWork(scope)),
    });
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
  });

  function chat(owner: string, server: string, roomId: string): PortalRow {
    const { store } = scope;
    const login = store.logins.save({ server, passport: `${owner.slice(1, 4)}@example.com`, owner });
    const row = store.portals.save({ loginId: login.id, kind: "direct", remote: "nils@example.com" });
    store.portals.setRoom(row.id, roomId);
    return row;
  }

  /** Routes an event that has just been accepted. @returns its row after that */
  function route(room: string, sender: string, fields: object): JournalRow {
    count += 1;
    const event = { event_id: `$${count}`, room_id: room, sender, origin_server_ts: count, ...fields };
    const [row] = scope.store.journal.accept([event]);
    if (row === undefined) return expect.fail("it is known");
    const arrival = { rowId: row.id, event: matrixEvent(event), acceptedAt: scope.clock.now(), isInterrupted: false };
    scope.store.batch(() => router.route(arrival, routing));
    return scope.store.journal.get(row.id);
  }

  const words = (body: string): object => ({ type: "m.room.message", content: { msgtype: "m.text", body } });
  const named = (name: string): object => ({ type: "m.room.name", state_key: "", content: { name } });
  const member = (userId: string, membership: string): object => ({
    type: "m.room.member",
    state_key: userId,
    content: { membership },
  });
  const encrypted = { type: "m.room.encrypted", content: { algorithm: "m.megolm.v1.aes-sha2" } };
  const reaction = {
    type: "m.reaction",
    content: { "m.relates_to": { rel_type: "m.annotation", event_id: "$notice", key: "✅" } },
  };

  /** What becomes of an event: where its row stands, and what is left to be done. */
  type End = "portal" | "command" | "refused" | "offer-readable" | "manage" | `skipped: ${string}`;

  function endOf({ state, reason, portalId }: JournalRow): string {
    const [task] = routing.tasks;
    if (task?.type === "command") return state === "sending" ? "command" : `a command that is ${state}`;
    if (task !== undefined) return state === "accepted" ? task.step.type : `a step that is ${state}`;
    if (state === "accepted") return portalId === portal.id ? "portal" : "nothing";
    return state === "failed" ? String(reason) : `${state}: ${reason}`;
  }

  const ENDS: Array<[what: string, room: string, sender: string, event: object, end: End]> = [
    ["the owner's words in a chat", CHAT, ALICE, words("hello"), "portal"],
    ["a command in a chat", CHAT, ALICE, words("!msn nudge"), "command"],
    ["another's words in a chat", CHAT, BOB, words("hello"), "skipped: not the owner"],
    ["another's command in a chat", CHAT, BOB, words("!msn nudge"), "skipped: not the owner"],
    ["a blocked user's words in the chat of another", CHAT, EVE, words("hello"), "skipped: not the owner"],
    ["the words of an owner who is blocked now", EVES_CHAT, EVE, words("hello"), "refused"],
    ["words in a chat of a server that is not configured", GONE, ALICE, words("hello"), "refused"],
    ["words to the bot", BOT_ROOM, ALICE, words("help"), "command"],
    ["words to the bot by its name", BOT_ROOM, ALICE, words("MSN bridge: help"), "command"],
    ["another's words to the bot", BOT_ROOM, BOB, words("help"), "skipped: no room of ours"],
    ["what the bot cannot read", BOT_ROOM, ALICE, encrypted, "offer-readable"],
    ["a reaction to what offers no answers", BOT_ROOM, ALICE, reaction, "skipped: no command"],
    ["words in a room of nobody", NOWHERE, ALICE, words("help"), "skipped: no room of ours"],
    ["a blocked user's words elsewhere", NOWHERE, EVE, words("help"), "skipped: blocked"],
    ["an invitation of the bot", NOWHERE, ALICE, member(BOT, "invite"), "manage"],
    ["a user who comes into a room of nobody", NOWHERE, BOB, member(BOB, "join"), "skipped: a change"],
    ["a name of a room of nobody", NOWHERE, ALICE, named("x"), "skipped: a change"],
  ];
  for (const [what, room, sender, event, end] of ENDS) {
    it(`hands on, or settles, ${what}: ${end}`, () => {
      expect(endOf(route(room, sender, event))).to.equal(end);
      expect([routing.held, routing.early]).to.deep.equal([[], []]);
    });
  }

  it("says once in a chat why nothing of it crosses any more", () => {
    for (const room of [EVES_CHAT, GONE])
      for (const body of ["one", "two"]) route(room, room === GONE ? ALICE : EVE, words(body));
    expect(notices.told.map(({ owner }) => owner)).to.deep.equal([EVE, ALICE]);
  });

  it("counts a user as active by what they say, and others by nothing", () => {
    route(CHAT, ALICE, words("hello"));
    route(EVES_CHAT, EVE, words("hello"));
    expect(scope.activity.activeUntil(ALICE)).to.be.a("number");
    expect(scope.activity.activeUntil(EVE)).to.equal(undefined);
  });

  it("holds what comes while a room is being made for its sender, and all of that room behind it", () => {
    scope.store.portals.markCreating(portal.id);
    const rows = [words("one"), named("x"), member(ALICE, "leave"), words("two")].map((one) => route(NEW, ALICE, one));
    expect(rows.map(({ state }) => state)).to.deep.equal(["accepted", "accepted", "accepted", "accepted"]);
    expect(routing.held.map(({ rowId }) => rowId)).to.deep.equal(rows.map(({ id }) => id));
    expect(endOf(route(NEW, BOB, words("hello")))).to.equal("nothing");
    expect(endOf(route(CHAT, ALICE, words("hello")))).to.equal("portal");
  });

  it("holds what comes behind a change that may make a room one of ours", () => {
    route(NOWHERE, ALICE, member(NILS, "invite"));
    const behind = route(NOWHERE, ALICE, words("hello"));
    expect(routing.tasks.map(({ type }) => type)).to.deep.equal(["step"]);
    expect(routing.held.map(({ rowId }) => rowId)).to.deep.equal([behind.id]);
  });
});
