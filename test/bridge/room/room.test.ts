import { join } from "node:path";
import { expect } from "chai";
import { roomInfo, type RoomInfo } from "../../../src/bridge/room/room-info.ts";
import { makeRoom, type OpenRoom, type RoomParties } from "../../../src/bridge/room/room.ts";
import type { UserIntent } from "../../../src/matrix/client/intent.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { openHomeservers, type TestHomeservers } from "../../support/homeservers.ts";
import { rejection } from "../../support/rejection.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { timesOf } from "../../support/calendars.ts";

const GHOST = "@msn_one_nils=40example.com:localhost";
const KEY = "one/mia@example.com/direct/nils@example.com";
const CREATE = { method: "POST", path: /\/createRoom$/u, times: 1 };

describe("bridge/room/room", () => {
  const folder = tempFolder();
  after(folder.remove);
  let servers: TestHomeservers;
  let store: Store;
  let clock: FakeClock;
  let stopping: AbortController;
  let ghost: UserIntent;
  let owner: string;
  let row: PortalRow;

  beforeEach(async () => {
    servers = await openHomeservers();
    clock = new FakeClock();
    stopping = new AbortController();
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "msn.key"), ...timesOf(clock) });
    ghost = servers.homeserver.intent(GHOST);
    owner = servers.fake.user("alice").userId;
    const login = store.logins.save({ server: "one", passport: "mia@example.com", owner });
    row = store.portals.save({ loginId: login.id, kind: "direct", remote: "nils@example.com" });
  });
  afterEach(async () => {
    stopping.abort();
    await servers.close();
    store.close();
  });

  function info(kind: "direct" | "group" = "direct"): RoomInfo {
    const server = { id: "one", name: "One" };
    const facts = { bot: "@msnbot:localhost", server, passport: "mia@example.com", remote: "nils@example.com" };
    return roomInfo({ ...facts, kind, title: null, names: ["Nils", "Olga"], members: [] });
  }

  async function makeFrom(from: PortalRow, parties: Partial<RoomParties> = {}, federate = false): Promise<OpenRoom> {
    const scope = { store, settings: { federate }, ...timesOf(clock), log: silentLog, signal: stopping.signal };
    return makeRoom(scope, from, { mainIntent: ghost, owner, key: KEY, ghosts: [], info: info(), ...parties });
  }

  async function ensure(): Promise<OpenRoom> {
    return makeFrom(store.portals.get(row.id));
  }

  function asked(path: RegExp): Array<Record<string, unknown>> {
    return servers.fake.requests.filter((one) => one.method === "POST" && path.test(one.path)).map(({ body }) => body);
  }

  /** A room that the homeserver made, but whose making we never heard of. */
  async function makeUnheard(attempt: Date, key = KEY, invite: string[] = []): Promise<string> {
    await ghost.ensureRegistered();
    const content = { "matrix-appservice-msn.portal": key, "matrix-appservice-msn.attempt": attempt.getTime() };
    return servers.fake.world.createRoom(GHOST, { invite, creation_content: content }).id;
  }

  it("is made once, by the ghost, for the owner", async () => {
    const { roomId, isNew } = await ensure();
    expect(isNew).to.equal(true);
    expect(store.portals.get(row.id)).to.deep.include({ roomId, creating: null });
    const room = servers.fake.room(roomId);
    expect(servers.fake.rooms()).to.deep.equal([room]);
    expect([room.membership(GHOST), room.membership(owner)]).to.deep.equal(["join", "invite"]);
    expect(room.state("m.room.member", owner)).to.include({ is_direct: true });
    expect(room.state("m.room.create")).to.include({ "m.federate": false, "matrix-appservice-msn.portal": KEY });
  });

  it("lets only the ghost invite and change what guards the room, without naming it", async () => {
    const { roomId } = await ensure();
    const room = servers.fake.room(roomId);
    expect(room.powerNeeded("invite")).to.equal(100);
    for (const type of ["m.room.encryption", "m.room.tombstone", "m.room.power_levels", "m.room.server_acl"]) {
      expect(room.powerToSend(type, true), type).to.equal(100);
    }
    expect(asked(/createRoom/u)[0]?.["power_level_content_override"]).to.not.have.property("users");
  });

  it("writes down that it is being made before the homeserver is asked", async () => {
    const { world } = servers.fake;
    const make = world.createRoom.bind(world);
    const seen: PortalRow[] = [];
    world.createRoom = (...args) => {
      seen.push(store.portals.get(row.id));
      return make(...args);
    };
    await ensure();
    expect(seen).to.have.length(1);
    expect(seen[0]).to.deep.include({ roomId: null, creating: clock.date });
  });

  it("is found again when the answer was lost", async () => {
    servers.fake.fail({ ...CREATE, resetAfterDeed: true });
    expect(await rejection(ensure())).to.include({ name: "MatrixError", code: "unreachable" });
    const [room] = servers.fake.rooms();
    expect(store.portals.get(row.id)).to.deep.include({ roomId: null, creating: clock.date });
    expect(await ensure()).to.deep.equal({ roomId: room?.id, isNew: true, isEncrypted: false });
    expect(servers.fake.rooms()).to.have.length(1);
    expect(asked(/\/invite$/u)).to.deep.equal([]);
  });

  for (const [status, errcode] of [
    [403, "M_FORBIDDEN"],
    [404, "M_NOT_FOUND"],
    [400, "M_BAD_STATE"],
  ] as const) {
    it(`is found among others of which one cannot be read (${errcode})`, async () => {
      await ghost.ensureRegistered();
      const other = servers.fake.world.createRoom(GHOST, {}).id;
      const attempt = store.portals.markCreating(row.id);
      const roomId = await makeUnheard(attempt);
      const path = new RegExp(`${encodeURIComponent(other)}/state/m.room.create`, "u");
      servers.fake.fail({ path, status, body: { errcode, error: "no" }, times: Infinity });
      expect((await ensure()).roomId).to.equal(roomId);
    });
  }

  it("is made anew only when twenty seconds have gone since the homeserver was asked", async () => {
    servers.fake.fail(CREATE);
    await rejection(ensure());
    await clock.advance(4000);
    const ensuring = ensure();
    await until("it has looked", () => clock.waiting === 1);
    await clock.advance(15_999);
    expect(asked(/createRoom/u)).to.have.length(1);
    await clock.advance(1);
    const { roomId } = await ensuring;
    expect(servers.fake.rooms().map(({ id }) => id)).to.deep.equal([roomId]);
    expect(store.portals.get(row.id)).to.deep.include({ roomId, creating: null });
  });

  it("is found when it comes about while we wait for it", async () => {
    const attempt = store.portals.markCreating(row.id);
    const ensuring = ensure();
    await until("it has looked", () => clock.waiting === 1);
    const roomId = await makeUnheard(attempt, KEY, [owner]);
    await clock.advance(20_000);
    expect(await ensuring).to.deep.equal({ roomId, isNew: true, isEncrypted: false });
    expect(asked(/createRoom/u)).to.deep.equal([]);
  });

  it("is not waited for when that was long ago", async () => {
    store.portals.markCreating(row.id);
    await clock.advance(20_000);
    const asking = clock.date;
    const { world } = servers.fake;
    const make = world.createRoom.bind(world);
    world.createRoom = (...args) => {
      // The next run may have to look for this one.
      expect(store.portals.get(row.id).creating).to.deep.equal(asking);
      return make(...args);
    };
    await ensure();
    expect(servers.fake.rooms()).to.have.length(1);
  });

  const LATE: Array<[what: string, meanwhile: (roomId: string) => void, membership: string]> = [
    ["whose owner is invited to it", () => undefined, "invite"],
    ["whose owner is in it", (roomId) => servers.fake.world.join(owner, roomId), "join"],
    ["whose owner has declined it", (roomId) => servers.fake.world.leave(owner, roomId), "invite"],
  ];
  for (const [what, meanwhile, membership] of LATE) {
    it(`is the earlier one where the homeserver took longer than we waited: one ${what}`, async () => {
      const attempt = store.portals.markCreating(row.id);
      await clock.advance(20_000);
      const { world } = servers.fake;
      const make = world.createRoom.bind(world);
      await ghost.ensureRegistered();
      world.createRoom = (...args) => {
        world.createRoom = make;
        const content = { "matrix-appservice-msn.portal": KEY, "matrix-appservice-msn.attempt": attempt.getTime() };
        meanwhile(make(GHOST, { invite: [owner], creation_content: content }).id);
        return make(...args);
      };
      const { roomId } = await ensure();
      const [first, second] = servers.fake.rooms();
      expect([first?.id, store.portals.get(row.id).roomId]).to.deep.equal([roomId, roomId]);
      expect([first?.membership(owner), first?.membership(GHOST)]).to.deep.equal([membership, "join"]);
      expect([second?.membership(owner), second?.membership(GHOST)]).to.deep.equal(["leave", "leave"]);
    });
  }

  it("is kept when its try began at the time of the one before, by a clock that was set back", async () => {
    const ensuring = makeFrom({ ...store.portals.get(row.id), creating: new Date(clock.epochMs() + 20_000) });
    await until("it has looked", () => clock.waiting === 1);
    await clock.advance(20_000);
    const { roomId } = await ensuring;
    expect(servers.fake.room(roomId).membership(GHOST)).to.equal("join");
    expect(servers.fake.rooms()).to.have.length(1);
  });

  it("is not made when the bridge stops while we wait", async () => {
    store.portals.markCreating(row.id);
    const ensuring = rejection(ensure());
    await until("it has looked", () => clock.waiting === 1);
    stopping.abort();
    expect(await ensuring).to.have.property("name", "AbortError");
    expect(servers.fake.rooms()).to.deep.equal([]);
    expect(store.portals.get(row.id).creating).to.deep.equal(clock.date);
  });

  it("is not the room of another portal or of an earlier try, nor one that somebody else made", async () => {
    const attempt = store.portals.markCreating(row.id);
    await makeUnheard(attempt, "one/mia@example.com/direct/olga@example.com");
    await makeUnheard(new Date(attempt.getTime() - 1));
    const alice = servers.fake.user("alice");
    const room = alice.createDirectRoom(GHOST);
    await ghost.join(room);
    await clock.advance(20_000);
    const { roomId } = await ensure();
    expect(servers.fake.room(roomId).state("m.room.create")).to.include({ "matrix-appservice-msn.portal": KEY });
    expect(servers.fake.rooms()).to.have.length(4);
  });

  const INVITES: Array<[what: string, prepare: (roomId: string) => void, invites: number]> = [
    ["was never invited", () => undefined, 1],
    ["is invited", (roomId) => servers.fake.world.invite(GHOST, roomId, owner), 0],
    ["has joined", (roomId) => joinAs(roomId), 0],
    [
      "has left",
      (roomId) => {
        joinAs(roomId);
        servers.fake.world.leave(owner, roomId);
      },
      1,
    ],
  ];
  function joinAs(roomId: string): void {
    servers.fake.world.invite(GHOST, roomId, owner);
    servers.fake.world.join(owner, roomId);
  }
  for (const [what, prepare, invites] of INVITES) {
    it(`that was found has its owner invited ${invites === 1 ? "again" : "once only"} when she ${what}`, async () => {
      const roomId = await makeUnheard(store.portals.markCreating(row.id));
      prepare(roomId);
      expect((await ensure()).roomId).to.equal(roomId);
      expect(asked(/\/invite$/u)).to.have.length(invites);
      expect(servers.fake.room(roomId).membership(owner)).to.be.oneOf(["invite", "join"]);
    });
  }

  it("of a group is made by the bot, and is the portal's only once all ghosts are in it", async () => {
    const bot = servers.homeserver.bot;
    const ghosts = ["nils", "olga"].map((name) =>
      servers.homeserver.intent(`@msn_one_${name}=40example.com:localhost`),
    );
    for (const one of ghosts) await one.ensureRegistered();
    const { portals } = store;
    const group = portals.save({ loginId: row.loginId, kind: "group", remote: "some id" });
    const parties = { mainIntent: bot, key: "group key", ghosts, info: info("group") };
    servers.fake.fail({ method: "POST", path: /\/join$/u, resetAfterDeed: false, times: 1 });
    expect(await rejection(makeFrom(portals.get(group.id), parties, true))).to.include({ code: "unreachable" });
    expect(portals.get(group.id)).to.deep.include({ roomId: null, creating: clock.date });
    const { roomId } = await makeFrom(portals.get(group.id), parties, true);
    const room = servers.fake.room(roomId);
    expect(servers.fake.rooms()).to.deep.equal([room]);
    expect(room.members("join")).to.have.members([bot.userId, ...ghosts.map(({ userId }) => userId)]);
    expect(room.members("invite")).to.deep.equal([owner]);
    expect(room.state("m.room.name")).to.deep.equal({ name: "Nils, Olga" });
    expect(room.powerNeeded("invite")).to.equal(0);
    expect(room.powerToSend("m.room.name", true)).to.equal(0);
    expect(room.powerToSend("m.room.encryption", true)).to.equal(100);
  });

  it("says whether the homeserver encrypts it against our will", async () => {
    servers.fake.world.forceEncryption = true;
    expect(await ensure()).to.include({ isNew: true, isEncrypted: true });
  });

  it("stays in the making when the homeserver refuses it, so that the next try looks first", async () => {
    servers.fake.fail({ ...CREATE, status: 403, body: { errcode: "M_FORBIDDEN", error: "no" } });
    expect(await rejection(ensure())).to.include({ name: "MatrixError", code: "forbidden" });
    expect(store.portals.get(row.id)).to.deep.include({ roomId: null, creating: clock.date });
  });
});
