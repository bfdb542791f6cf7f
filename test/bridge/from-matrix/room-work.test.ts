import { expect } from "chai";
import { Management } from "../../../src/bridge/bot/management.ts";
import { ManagementRooms } from "../../../src/bridge/bot/management-rooms.ts";
import { Notices } from "../../../src/bridge/bot/notices.ts";
import { GhostCall } from "../../../src/bridge/from-matrix/ghost-call.ts";
import { RoomWork } from "../../../src/bridge/from-matrix/room-work.ts";
import type { RoomStep } from "../../../src/bridge/from-matrix/room-step.ts";
import type { Arrival, Intake } from "../../../src/bridge/from-matrix/routing.ts";
import type { InboundScope } from "../../../src/bridge/from-matrix/scope.ts";
import { Logins } from "../../../src/bridge/login/logins.ts";
import type { Portal } from "../../../src/bridge/portal/portal.ts";
import { LoginSpaces } from "../../../src/bridge/spaces/spaces.ts";
import type { EventOf } from "../../../src/convert/matrix-event.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { Limiter } from "../../../src/util/limiter.ts";
import { captureLog, type CapturedLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { matrixEvent } from "../../support/matrix-event.ts";
import { askingScope, inboundScope, loginScope, testNetwork } from "../../support/scopes.ts";

const [ALICE, BOB, BOT] = ["@alice:localhost", "@bob:localhost", "@msnbot:localhost"];
const NILS = "@msn_one_nils=40example.com:localhost";
const [ROOM, OTHER, CHAT] = ["!room:localhost", "!other:localhost", "!chat:localhost"];
const AWAY = new MatrixError("unreachable", "away");
const FORBIDDEN = new MatrixError("forbidden", "no");

/** A bot that writes down what it is to do, and does none of it. */
class NotedManagement extends Management {
  readonly calls: string[] = [];

  override invited(roomId: string, inviter: string): Promise<void> {
    return this.#note("invited", roomId, inviter);
  }
  override warn(roomId: string, at: number): Promise<void> {
    return this.#note("warn", roomId, at);
  }
  override crowded(roomId: string): Promise<void> {
    return this.#note("crowded", roomId);
  }
  override came(roomId: string): Promise<void> {
    return this.#note("came", roomId);
  }
  override lost(roomId: string): Promise<void> {
    return this.#note("lost", roomId);
  }
  override follow(from: string, to: string, owner: string): Promise<void> {
    return this.#note("follow", from, to, owner);
  }
  override unreadable(roomId: string, owner: string): Promise<void> {
    return this.#note("unreadable", roomId, owner);
  }

  #note(...words: unknown[]): Promise<void> {
    this.calls.push(words.join(" "));
    return Promise.resolve();
  }
}

describe("bridge/from-matrix/room-work", () => {
  let disk: FullDisk;
  let clock: FakeClock;
  let captured: CapturedLog;
  let stopping: AbortController;
  let scope: InboundScope;
  let management: NotedManagement;
  let work: RoomWork;
  let asked: string[];
  /** What the homeserver answers. */
  let answer: (what: string) => object | Promise<object>;
  /** The events that the homeserver did not give us by itself. */
  let taken: unknown[];
  let intake: Intake;

  beforeEach(() => {
    [disk, clock, captured, stopping] = [new FullDisk(), new FakeClock(), captureLog(), new AbortController()];
    [asked, answer, taken] = [[], () => ({ event_id: "$told" }), []];
    const request = async (method: string, path: string): Promise<object> => {
      const what = `${method} ${decodeURIComponent(path).replace("/_matrix/client/v3/", "")}`;
      asked.push(what);
      return answer(what);
    };
    const bridge = askingScope(request, { clock, log: captured.log, signal: stopping.signal });
    const rooms = new ManagementRooms(bridge);
    management = new NotedManagement(bridge, new Notices(bridge, rooms), rooms);
    const { logins, portals } = bridge.store;
    const { id: loginId } = logins.save({ server: "one", passport: "mia@example.com", owner: ALICE });
    portals.save({ loginId, kind: "direct", remote: "nils@example.com" });
    scope = inboundScope({ ...bridge, management, logins: new Logins(bridge, [testNetwork()]) });
    work = new RoomWork(scope);
    intake = { accept: async (events) => Promise.resolve(void taken.push(...events)) };
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
    disk.restore();
  });

  let count = 0;
  function arrival(roomId = ROOM): Arrival {
    count += 1;
    const event = { event_id: `$${count}`, room_id: roomId, sender: ALICE, type: "m.room.member", origin_server_ts: 1 };
    const [row] = scope.store.journal.accept([event]);
    if (row === undefined) throw new Error("it is known");
    return { rowId: row.id, event: matrixEvent(event), acceptedAt: clock.now(), isInterrupted: false };
  }

  function end({ rowId }: Arrival): string {
    const { state, reason } = scope.store.journal.get(rowId);
    return reason === null ? state : `${state}: ${reason}`;
  }

  const leave = (roomId = ROOM): RoomStep => ({
    type: "leave",
    user: scope.ghosts.byUserId(NILS),
    roomId,
    reason: "why",
  });

  function invitation(userId: string): EventOf<"member"> {
    const event = matrixEvent({
      room_id: ROOM,
      type: "m.room.member",
      state_key: userId,
      content: { membership: "invite" },
    });
    return event.kind === "member" ? event : expect.fail("it is no invitation");
  }

  describe("does what a change asks for, and settles its row:", () => {
    const STEPS: Array<[step: () => RoomStep, call: string]> = [
      [() => ({ type: "warn", event: invitation(BOB) }), `warn ${ROOM} 1`],
      [() => ({ type: "leave-crowded", roomId: ROOM }), `crowded ${ROOM}`],
      [() => ({ type: "leave-replaced", roomId: ROOM }), `came ${ROOM}`],
      [() => ({ type: "give-up", roomId: ROOM }), `lost ${ROOM}`],
      [() => ({ type: "follow", roomId: ROOM, to: OTHER, owner: ALICE }), `follow ${ROOM} ${OTHER} ${ALICE}`],
      [() => ({ type: "offer-readable", roomId: ROOM, owner: ALICE }), `unreadable ${ROOM} ${ALICE}`],
      [() => ({ type: "manage", event: invitation(BOT) }), `invited ${ROOM} ${ALICE}`],
    ];
    for (const [step, call] of STEPS) {
      it(call, async () => {
        const row = arrival();
        await work.do(row, step(), intake);
        expect([management.calls, end(row), taken]).to.deep.equal([[call], "delivered", []]);
      });
    }

    it("one of our users leaves", async () => {
      const row = arrival();
      await work.do(row, leave(), intake);
      expect([asked, end(row)]).to.deep.equal([[`POST rooms/${ROOM}/leave`], "delivered"]);
    });

    it("a contact is called", async () => {
      let calls = 0;
      class NotedCall extends GhostCall {
        override run(): Promise<void> {
          calls += 1;
          return Promise.resolve();
        }
      }
      const [login] = scope.logins.all;
      if (login === undefined) throw new Error("there is no login");
      const row = arrival(CHAT);
      const call = new NotedCall(scope, { portal: chatIn(CHAT), login }, invitation(NILS));
      await work.do(row, { type: "call", call }, intake);
      expect([calls, end(row)]).to.deep.equal([1, "delivered"]);
    });

    it("the bot leaves a space", async () => {
      const spaces = new LoginSpaces(loginScope(scope), new Limiter(1, 1));
      const row = arrival();
      await work.do(row, { type: "leave-space", spaces, roomId: ROOM }, intake);
      expect([asked, end(row)]).to.deep.equal([[`POST rooms/${ROOM}/leave`], "delivered"]);
    });

    it("a chat shows its own name again", async () => {
      const portal = chatIn(CHAT);
      scope.store.portals.setTold(portal.row.id, { "m.room.name ": '{"name":"Us"}' });
      const row = arrival(CHAT);
      await work.do(row, { type: "name", portal }, intake);
      expect(asked).to.include(`PUT rooms/${CHAT}/state/m.room.name/`);
      expect(end(row)).to.equal("delivered");
    });

    it("what is said after an upgrade waits until the chat has moved", async () => {
      const moving = Promise.withResolvers<void>();
      const row = arrival();
      const done = work.do(row, { type: "follow-portal", following: moving.promise }, intake);
      await clock.advance(0);
      expect([end(row), work.isBusy(ROOM)]).to.deep.equal(["accepted", true]);
      moving.resolve();
      await done;
      expect([end(row), work.isBusy(ROOM)]).to.deep.equal(["delivered", false]);
    });
  });

  function chatIn(roomId: string): Portal {
    const [login] = scope.logins.all;
    if (login === undefined) throw new Error("there is no login");
    const portal = login.portals.direct("nils@example.com");
    scope.store.portals.setRoom(portal.row.id, roomId);
    return portal;
  }

  describe("takes what was said before one of our users came:", () => {
    const words = (id: string, sender: string, at: number) => ({
      event_id: id,
      room_id: ROOM,
      sender,
      type: "m.room.message",
      origin_server_ts: at,
      content: { msgtype: "m.text", body: id },
    });
    // Newest first.
    const SAID = [words("$late", ALICE, 3), words("$bob", BOB, 2), words("$first", ALICE, 1), words("$old", ALICE, 0)];
    const ids = (): unknown[] => taken.map((event) => SAID.find((one) => one === event)?.event_id);
    beforeEach(() => {
      answer = (what) => {
        if (what.endsWith("/messages")) return { chunk: SAID };
        if (what.endsWith("/joined_members")) return { joined: { [ALICE]: {}, [NILS]: {} } };
        if (what.includes("/state/")) throw new MatrixError("not-found", "none");
        return { room_id: ROOM };
      };
    });

    it("by the one who invited a ghost into its own chat, since then", async () => {
      const row = arrival();
      await work.do(row, { type: "catch-up", event: invitation(NILS) }, intake);
      expect([ids(), end(row)]).to.deep.equal([["$first", "$late"], "delivered"]);
    });

    it("to the bot, if it stays", async () => {
      await work.do(arrival(), { type: "manage", event: invitation(BOT) }, intake);
      expect(ids()).to.deep.equal([]);
      scope.store.managementRooms.save({ roomId: ROOM, owner: ALICE });
      await work.do(arrival(), { type: "manage", event: invitation(BOT) }, intake);
      expect(ids()).to.deep.equal(["$first", "$late"]);
    });

    it("to a ghost in a room that becomes its chat", async () => {
      await work.do(arrival(), { type: "adopt", event: invitation(NILS) }, intake);
      expect(ids()).to.deep.equal(["$first", "$late"]);
      expect(scope.store.portals.findByRoom(ROOM)).to.have.property("remote", "nils@example.com");
    });

    it("to a ghost that does not stay, nothing", async () => {
      const { loginId } = chatIn(CHAT).row;
      const { portals } = scope.store;
      portals.setRoom(portals.save({ loginId, kind: "direct", remote: "olga@example.com" }).id, OTHER);
      await work.do(arrival(), { type: "adopt", event: invitation(NILS) }, intake);
      expect([ids(), asked.includes(`POST rooms/${ROOM}/leave`)]).to.deep.equal([[], true]);
      // Nobody else's chat says anything about it.
      expect(asked.filter((what) => what.includes(OTHER))).to.deep.equal([]);
    });

    it("nothing, where the room replaces the chat's own, into which the chat goes by itself", async () => {
      chatIn(CHAT);
      const others = answer;
      answer = (what) => (what.includes("m.room.tombstone") ? { replacement_room: ROOM } : others(what));
      await work.do(arrival(), { type: "adopt", event: invitation(NILS) }, intake);
      expect([ids(), asked]).to.deep.equal([[], [`GET rooms/${CHAT}/state/m.room.tombstone/`]]);
    });
  });

  describe("while the homeserver is away", () => {
    it("tries again, and is busy with the room meanwhile", async () => {
      let isAway = true;
      answer = () => {
        if (isAway) throw AWAY;
        return {};
      };
      const row = arrival();
      const done = work.do(row, leave(), intake);
      await clock.advance(3000);
      expect([end(row), work.isBusy(ROOM), work.isBusy(OTHER)]).to.deep.equal(["accepted", true, false]);
      isAway = false;
      await clock.advance(60_000);
      await done;
      expect([end(row), work.isBusy(ROOM)]).to.deep.equal(["delivered", false]);
    });

    it("gives up after eight tries, and goes on with what is next in the room", async () => {
      answer = () => {
        throw AWAY;
      };
      const rows = [arrival(), arrival()] as const;
      const done = work.do(rows[0], leave(), intake);
      const next = work.do(rows[1], { type: "give-up", roomId: ROOM }, intake);
      await clock.advance(3_600_000);
      await Promise.all([done, next]);
      expect([rows.map(end), asked.length]).to.deep.equal([["failed: MatrixError", "delivered"], 8]);
      expect(captured.messages("error")).to.deep.equal(["a change of a room could not be dealt with"]);
    });

    it("lets no other room wait", async () => {
      answer = (what) => {
        if (what.includes(ROOM)) throw AWAY;
        return {};
      };
      const [stuck, free] = [arrival(), arrival(OTHER)];
      void work.do(stuck, leave(), intake);
      await work.do(free, leave(OTHER), intake);
      expect([end(stuck), end(free)]).to.deep.equal(["accepted", "delivered"]);
    });
  });

  it("does one thing after the other in a room", async () => {
    const held = Promise.withResolvers<object>();
    answer = () => held.promise;
    const rows = [arrival(), arrival()];
    const done = rows.map((row) => work.do(row, leave(), intake));
    await clock.advance(0);
    expect(asked).to.have.length(1);
    held.resolve({});
    await Promise.all(done);
    expect([asked.length, rows.map(end)]).to.deep.equal([2, ["delivered", "delivered"]]);
  });

  it("settles at once what is refused for good", async () => {
    const row = arrival();
    await work.do(row, { type: "follow-portal", following: Promise.reject(FORBIDDEN) }, intake);
    expect(end(row)).to.equal("failed: MatrixError");
  });

  it("lets only a hundred changes of one room wait", async () => {
    answer = () => new Promise(() => undefined);
    for (let index = 0; index < 100; index += 1) void work.do(arrival(), leave(), intake);
    const row = arrival();
    await work.do(row, leave(), intake);
    expect([end(row), work.isBusy(ROOM)]).to.deep.equal(["failed: QueueFullError", true]);
  });

  it("settles once the disk has room", async () => {
    disk.isFull = (sql) => sql.includes("journal") && sql.startsWith("UPDATE");
    const row = arrival();
    await work.do(row, leave(), intake);
    expect(end(row)).to.equal("accepted");
    disk.isFull = () => false;
    await clock.advance(10_000);
    expect(end(row)).to.equal("delivered");
  });

  it("waits for what is under way when the bridge stops, and leaves the row to the next run", async () => {
    const held = Promise.withResolvers<object>();
    answer = () => held.promise;
    const row = arrival();
    void work.do(row, leave(), intake);
    await clock.advance(0);
    stopping.abort();
    let isStopped = false;
    const stop = work.stop().then(() => (isStopped = true));
    await clock.advance(0);
    expect(isStopped).to.equal(false);
    held.reject(AWAY);
    await stop;
    await clock.advance(60_000);
    expect([end(row), asked.length, captured.messages("error")]).to.deep.equal(["accepted", 1, []]);
  });
});
