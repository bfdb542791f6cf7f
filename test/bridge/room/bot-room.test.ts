import { join } from "node:path";
import { expect } from "chai";
import { makeBotRoom } from "../../../src/bridge/room/bot-room.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import type { FakeWorld } from "../../support/fake-homeserver/world.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { openHomeservers, type TestHomeservers } from "../../support/homeservers.ts";
import { rejection } from "../../support/rejection.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { timesOf } from "../../support/calendars.ts";

const PURPOSE = "notice 7";
const CREATE = { method: "POST", path: /\/createRoom$/u, times: 1 };

describe("bridge/room/bot-room", () => {
  const folder = tempFolder();
  after(folder.remove);
  let servers: TestHomeservers;
  let world: FakeWorld;
  let store: Store;
  let owner: string;
  beforeEach(async () => {
    servers = await openHomeservers();
    world = servers.fake.world;
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), ...timesOf(new FakeClock()) });
    owner = servers.fake.user("alice").userId;
  });
  afterEach(async () => {
    await servers.close();
    store.close();
  });

  const make = (): Promise<string> =>
    makeBotRoom({ bot: servers.homeserver.bot, store, settings: { federate: true } }, { owner, purpose: PURPOSE });

  const FOUND: Array<[what: string, meanwhile: (bot: string, roomId: string) => void, membership: string]> = [
    ["lacks its invitation", (bot, roomId) => world.kick(bot, roomId, owner), "invite"],
    ["was declined", (_bot, roomId) => world.leave(owner, roomId), "invite"],
    ["has its invitation", () => undefined, "invite"],
    ["has its owner in it", (_bot, roomId) => world.join(owner, roomId), "join"],
  ];
  for (const [what, meanwhile, membership] of FOUND) {
    it(`finds the room whose making was not heard of, and its owner can read it: one that ${what}`, async () => {
      servers.fake.fail({ ...CREATE, resetAfterDeed: true });
      await rejection(make());
      const [room] = servers.fake.rooms();
      if (room === undefined) throw new Error("there is no room");
      meanwhile(servers.homeserver.bot.userId, room.id);
      expect(await make()).to.equal(room.id);
      expect(room.membership(owner)).to.equal(membership);
      expect(servers.fake.rooms()).to.have.length(1);
    });
  }

  for (const [what, meanwhile] of FOUND) {
    it(`leaves the second room when the first comes while that is made: one that ${what}`, async () => {
      servers.fake.fail(CREATE);
      await rejection(make());
      const createRoom = world.createRoom.bind(world);
      world.createRoom = (creator, options) => {
        world.createRoom = createRoom;
        meanwhile(creator, createRoom(creator, options).id);
        return createRoom(creator, options);
      };
      const roomId = await make();
      const [first, second] = servers.fake.rooms();
      expect(roomId).to.equal(first?.id);
      expect(first?.membership(owner)).to.be.oneOf(["invite", "join"]);
      expect(second?.members("invite", "join")).to.deep.equal([]);
    });
  }
});
