import { expect } from "chai";
import { RoomWork } from "../../../src/bridge/from-matrix/room-work.ts";
import type { Arrival } from "../../../src/bridge/from-matrix/routing.ts";
import type { InboundScope } from "../../../src/bridge/from-matrix/scope.ts";
import { UnknownRooms } from "../../../src/bridge/from-matrix/unknown-rooms.ts";
import { Logins } from "../../../src/bridge/login/logins.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { matrixEvent } from "../../support/matrix-event.ts";
import { askingScope, inboundScope, testNetwork } from "../../support/scopes.ts";

const [ALICE, BOB] = ["@alice:localhost", "@bob:localhost"];
const [NEW, OTHER] = ["!new:localhost", "!other:localhost"];
const MINUTE = 60_000;

describe("bridge/from-matrix/unknown-rooms", () => {
  let clock: FakeClock;
  let stopping: AbortController;
  let scope: InboundScope;
  let work: RoomWork;
  let rooms: UnknownRooms;
  let portalId: number;

  beforeEach(() => {
    [clock, stopping] = [new FakeClock(), new AbortController()];
    // A homeserver that knows nothing of encryption, and takes for ever to make a room.
    const request = async (_: string, path: string): Promise<object> =>
      path.endsWith("/createRoom") ? new Promise(() => undefined) : {};
    scope = inboundScope(askingScope(request, { clock, signal: stopping.signal }));
    const { store } = scope;
    const { id: loginId } = store.logins.save({ server: "one", passport: "mia@example.com", owner: ALICE });
    portalId = store.portals.save({ loginId, kind: "direct", remote: "nils@example.com" }).id;
    scope = { ...scope, logins: new Logins(scope, [testNetwork()]) };
    work = new RoomWork(scope);
    rooms = new UnknownRooms(scope, work);
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
  });

  const arrival = (rowId: number, roomId = NEW, sender = ALICE): Arrival => ({
    rowId,
    event: matrixEvent({ event_id: `$${rowId}`, room_id: roomId, sender }),
    acceptedAt: clock.now(),
    isInterrupted: false,
  });
  const mayBeOurs = (sender: string, roomId = NEW): boolean =>
    rooms.mayBeOurs(matrixEvent({ room_id: roomId, sender }));

  describe("are ours", () => {
    it("where they are a chat, a space or a user's room with the bot, and else nobody's", () => {
      const { portals, spaces, managementRooms } = scope.store;
      expect(rooms.isOurs(NEW)).to.equal(false);
      portals.setRoom(portalId, "!chat:localhost");
      spaces.setRoom(spaces.save(portals.get(portalId).loginId, ""), "!space:localhost", "Mia");
      managementRooms.save({ roomId: "!bot:localhost", owner: ALICE });
      for (const roomId of ["!chat:localhost", "!space:localhost", "!bot:localhost"])
        expect(rooms.isOurs(roomId), roomId).to.equal(true);
      expect(rooms.isOurs(NEW)).to.equal(false);
    });
  });

  describe("hold events", () => {
    it("in their order, room by room, until they are released", () => {
      expect(rooms.isHolding(NEW)).to.equal(false);
      expect([rooms.hold(arrival(1)), rooms.hold(arrival(2, OTHER)), rooms.hold(arrival(3))]).to.deep.equal([
        true,
        true,
        false,
      ]);
      expect([rooms.isHolding(NEW), rooms.isHolding(OTHER)]).to.deep.equal([true, true]);
      expect(rooms.release(NEW).map(({ rowId }) => rowId)).to.deep.equal([1, 3]);
      expect([rooms.isHolding(NEW), rooms.isHolding(OTHER)]).to.deep.equal([false, true]);
      expect([rooms.release(NEW), rooms.hold(arrival(4))]).to.deep.equal([[], true]);
    });

    it("and know which of them are ours by now", () => {
      for (const roomId of [NEW, OTHER]) rooms.hold(arrival(1, roomId));
      expect(rooms.known()).to.deep.equal([]);
      scope.store.portals.setRoom(portalId, NEW);
      expect(rooms.known()).to.deep.equal([NEW]);
      rooms.release(NEW);
      expect(rooms.known()).to.deep.equal([]);
    });
  });

  describe("may be ours in a moment", () => {
    it("where nothing is being made, never", () => {
      expect([mayBeOurs(ALICE), mayBeOurs(BOB)]).to.deep.equal([false, false]);
    });

    it("while the room of a chat is being made for the one who writes there", () => {
      scope.store.portals.markCreating(portalId);
      expect([mayBeOurs(ALICE), mayBeOurs(BOB)]).to.deep.equal([true, false]);
      scope.store.portals.setRoom(portalId, "!chat:localhost");
      expect(mayBeOurs(ALICE)).to.equal(false);
    });

    it("for five minutes, since a try that has no end is nothing to wait for", async () => {
      scope.store.portals.markCreating(portalId);
      await clock.advance(5 * MINUTE - 1);
      expect(mayBeOurs(ALICE)).to.equal(true);
      await clock.advance(1);
      expect(mayBeOurs(ALICE)).to.equal(false);
    });

    for (const byDays of [1, -1]) {
      it(`for five minutes, also where the date is set by ${byDays} days`, async () => {
        scope.store.portals.markCreating(portalId);
        await clock.advance(4 * MINUTE);
        clock.setDate(byDays * 24 * 60 * MINUTE);
        expect(mayBeOurs(ALICE)).to.equal(true);
        await clock.advance(MINUTE);
        expect(mayBeOurs(ALICE)).to.equal(false);
      });
    }

    it("for five minutes of this run where the try is one of an earlier one", async () => {
      scope.store.portals.markCreating(portalId);
      await clock.advance(60 * MINUTE);
      rooms = new UnknownRooms(scope, work);
      expect(mayBeOurs(ALICE)).to.equal(true);
      await clock.advance(5 * MINUTE);
      expect(mayBeOurs(ALICE)).to.equal(false);
    });

    it("not for a chat of a server that is not configured any more", () => {
      scope.store.portals.markCreating(portalId);
      const logins = new Logins(scope, []);
      rooms = new UnknownRooms({ ...scope, logins }, work);
      expect(mayBeOurs(ALICE)).to.equal(false);
    });

    it("while the bot makes a room for the one who writes there", async () => {
      scope.management.unreadable("!encrypted:localhost", BOB).catch(() => undefined);
      await clock.advance(0);
      expect([mayBeOurs(ALICE), mayBeOurs(BOB)]).to.deep.equal([false, true]);
    });

    it("while a change of the room itself is dealt with, whoever writes there", async () => {
      const held = Promise.withResolvers<void>();
      const done = work.do(
        arrival(1),
        { type: "follow-portal", following: held.promise },
        { accept: async () => Promise.resolve() },
      );
      expect([mayBeOurs(BOB), mayBeOurs(BOB, OTHER)]).to.deep.equal([true, false]);
      held.resolve();
      await done;
      expect(mayBeOurs(BOB)).to.equal(false);
    });
  });
});
