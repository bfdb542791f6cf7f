import { expect } from "chai";
import { ManagementRooms } from "../../../src/bridge/bot/management-rooms.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import type { NoticeRow } from "../../../src/store/notices.ts";
import type { Store } from "../../../src/store/store.ts";
import { rejection } from "../../support/rejection.ts";
import { coreScope, intentOf, memoryStore } from "../../support/scopes.ts";

const [BOT, ALICE, BOB] = ["@msnbot:localhost", "@alice:localhost", "@bob:localhost"];
const AWAY = new MatrixError("unreachable", "away");

describe("bridge/bot/management-rooms", () => {
  let store: Store;
  let rooms: ManagementRooms;
  /** Who is in a room, or why the bot cannot know. */
  let people: Map<string, string[] | MatrixError>;
  /** How many rooms were made. */
  let made: number;
  /** What happens before a room is made. */
  let making: () => Promise<void> | void;

  beforeEach(() => {
    [store, people, made, making] = [memoryStore(), new Map<string, string[]>(), 0, () => undefined];
    const bot = intentOf(BOT, async (_method, path) => {
      const [, room = "", deed = path] = /\/rooms\/([^/]+)\/(.*)$/u.exec(decodeURIComponent(path)) ?? [];
      // The latter where the homeserver does not know the former.
      if (deed === "members" || deed === "joined_members") return { chunk: membersOf(room) };
      if (deed.endsWith("/joined_rooms")) return { joined_rooms: [] };
      if (!deed.endsWith("/createRoom")) throw new Error(`nobody asks for ${deed}`);
      made += 1;
      const roomId = `!made${made}`;
      await making();
      return { room_id: roomId };
    });
    rooms = new ManagementRooms(coreScope({ store, bot }));
  });
  afterEach(() => store.close());

  function membersOf(room: string): object[] {
    const found = people.get(room) ?? new MatrixError("forbidden", "the bot is not in the room");
    if (found instanceof MatrixError) throw found;
    return found.map((userId) => ({ state_key: userId, content: { membership: "join" } }));
  }

  /** The notice that is to be said next. */
  function notice(roomId: string | null, owner = ALICE): NoticeRow {
    store.notices.add({ owner, roomId, replyTo: null, body: "hello", about: null, isLast: false, answers: [] });
    return store.notices.next(owner) ?? expect.fail("there is none");
  }

  function has(roomId: string, ...others: string[]): string {
    rooms.save(roomId, ALICE);
    people.set(roomId, [BOT, ...others]);
    return roomId;
  }
  const known = (): string[] => store.managementRooms.listByOwner(ALICE).map(({ roomId }) => roomId);

  it("know whose they are, also for the next run, until they are given up", () => {
    rooms.save("!one", ALICE);
    rooms.save("!two", ALICE);
    expect([rooms.ownerOf("!one"), rooms.ownerOf("!none")]).to.deep.equal([ALICE, undefined]);
    expect(new ManagementRooms(coreScope({ store })).ownerOf("!one")).to.equal(ALICE);
    rooms.deleteNewest(ALICE);
    expect(known()).to.deep.equal(["!one"]);
    rooms.delete("!one");
    rooms.deleteNewest(ALICE);
    expect([known(), rooms.ownerOf("!one")]).to.deep.equal([[], undefined]);
  });

  describe("in which something is said:", () => {
    it("the notice's own, if only its user and the bot are there", async () => {
      has("!old", ALICE);
      has("!new", ALICE);
      expect(await rooms.roomFor(notice("!old"))).to.equal("!old");
    });

    it("the newest in which only the user and the bot are, where the notice has none", async () => {
      has("!old", ALICE);
      has("!new", ALICE);
      expect(await rooms.roomFor(notice(null))).to.equal("!new");
    });

    it("another where others are in it, who may go again", async () => {
      has("!quiet", ALICE);
      has("!crowded", ALICE, BOB);
      expect(await rooms.roomFor(notice("!crowded"))).to.equal("!quiet");
      expect(await rooms.roomFor(notice(null))).to.equal("!quiet");
      expect(known()).to.deep.equal(["!quiet", "!crowded"]);
    });

    for (const [what, there] of [
      ["the user has left", [BOT]],
      ["the bot has left", [ALICE, BOB]],
      ["the bot cannot look into", new MatrixError("forbidden", "no")],
      ["is not there any more", new MatrixError("not-found", "no")],
    ] as const) {
      it(`another, once and for all, where it is one that ${what}`, async () => {
        has("!quiet", ALICE);
        has("!gone");
        people.set("!gone", there instanceof MatrixError ? there : [...there]);
        expect(await rooms.roomFor(notice("!gone"))).to.equal("!quiet");
        expect(known()).to.deep.equal(["!quiet"]);
      });
    }

    it("a new one where there is none, which is the user's from then on", async () => {
      expect(await rooms.roomFor(notice(null))).to.equal("!made1");
      expect([known(), made]).to.deep.equal([["!made1"], 1]);
      people.set("!made1", [BOT, ALICE]);
      expect(await rooms.roomFor(notice(null))).to.equal("!made1");
    });

    it("none while the homeserver is away: no room is given up or made for that", async () => {
      has("!one", ALICE);
      people.set("!one", AWAY);
      expect(await rejection(rooms.roomFor(notice(null)))).to.equal(AWAY);
      expect([known(), made]).to.deep.equal([["!one"], 0]);
    });

    it("that of the admins, however many are in it", async () => {
      people.set("!admins", [BOT, ALICE, BOB]);
      expect(await rooms.roomFor(notice("!admins", BOT))).to.equal("!admins");
    });
  });

  describe("that are being made", () => {
    it("are known by whom they are for, each until it is there", async () => {
      const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
      making = () => held[made - 1]?.promise;
      const first = rooms.make({ owner: ALICE, purpose: "one" });
      const second = rooms.make({ owner: ALICE, purpose: "two" });
      expect([rooms.isMakingFor(ALICE), rooms.isMakingFor(BOB)]).to.deep.equal([true, false]);
      held[0].resolve();
      await first;
      expect([rooms.isMakingFor(ALICE), known().length]).to.deep.equal([true, 1]);
      held[1].resolve();
      await second;
      expect([rooms.isMakingFor(ALICE), known().length]).to.deep.equal([false, 2]);
    });

    it("are not any more when that fails", async () => {
      making = () => {
        throw AWAY;
      };
      expect(await rejection(rooms.make({ owner: ALICE, purpose: "one" }))).to.equal(AWAY);
      expect([rooms.isMakingFor(ALICE), known()]).to.deep.equal([false, []]);
    });
  });
});
