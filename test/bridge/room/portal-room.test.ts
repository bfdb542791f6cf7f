import { expect } from "chai";
import { MetGroups } from "../../../src/bridge/room/met-groups.ts";
import type { PortalRoom, RoomTimeline } from "../../../src/bridge/room/portal-room.ts";
import { portalScope, type PortalScope } from "../../../src/bridge/room/portal-scope.ts";
import type { LoginScope } from "../../../src/bridge/scope/login-scope.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import { nextTurn } from "../../../src/util/next-turn.ts";
import type { FakePerson } from "../../support/fake-homeserver/person.ts";
import type { TestHomeservers } from "../../support/homeservers.ts";
import { rejection } from "../../support/rejection.ts";
import { RoomBench } from "../../support/room-bench.ts";
import { until } from "../../support/until.ts";

const [NILS, OLGA] = ["nils@example.com", "olga@example.com"];
const [GHOST, OLGAS] = ["@msn_one_nils=40example.com:localhost", "@msn_one_olga=40example.com:localhost"];
const NO = { status: 403, body: { errcode: "M_FORBIDDEN", error: "no" }, times: Infinity };

/** Remembers what it is told. */
class Timeline implements RoomTimeline {
  readonly lost: string[] = [];
  woken = 0;

  wake(): void {
    this.woken += 1;
  }

  roomLost(roomId: string): void {
    this.lost.push(roomId);
  }
}

describe("bridge/room/portal-room", () => {
  let bench: RoomBench;
  let servers: TestHomeservers;
  let login: LoginScope;
  let alice: FakePerson;
  let timeline: Timeline;
  beforeEach(async () => {
    bench = await RoomBench.open();
    ({ servers, login, alice } = bench);
    timeline = new Timeline();
  });
  afterEach(() => bench.close());

  /** What is there for a portal after a restart. */
  function opened(row: PortalRow): PortalScope {
    const scope = portalScope(login, { row, groups: new MetGroups() }, {});
    scope.room.attach(timeline);
    return scope;
  }

  const direct = (): PortalRoom => opened(bench.direct(NILS)).room;
  const group = (...people: string[]): PortalRoom => opened(bench.group(...people)).room;
  const asked = (since: number): string[] => bench.asked(since);

  it("is made once, also for two who need it at the same time, and costs nothing from then on", async () => {
    const room = direct();
    const [one, other] = await Promise.all([room.ensure(), room.ensure()]);
    expect(one).to.deep.equal(other).and.to.include({ isNew: true, isEncrypted: false });
    expect(servers.fake.rooms().map(({ id }) => id)).to.deep.equal([one.roomId]);
    const before = servers.fake.requests.length;
    expect(await room.ensure()).to.deep.equal({ roomId: one.roomId, isNew: false, isEncrypted: false });
    expect(await opened(room.row).room.ensure()).to.include({ roomId: one.roomId, isNew: false });
    expect(asked(before)).to.deep.equal([]);
  });

  it("promises on disk what is to be shown, and wakes what shows it", () => {
    const room = group(NILS, OLGA);
    room.show({ type: "text", text: "hello", from: NILS });
    room.say("well", "$event");
    const { journal } = login.store;
    const first = journal.next("to-matrix", room.row.id);
    const second = journal.next("to-matrix", room.row.id, first?.id);
    expect([first?.body(), second?.body()]).to.deep.equal([
      { type: "text", text: "hello", from: NILS },
      { type: "notice", text: "well", replyTo: "$event" },
    ]);
    expect(timeline.woken).to.equal(2);
    expect(room.row.active).to.be.greaterThan(0);
  });

  it("says things once in the life of a room, and anew in the next", async () => {
    const room = direct();
    const { roomId } = await room.ensure();
    expect([room.isFirst("why"), room.isFirst("why"), room.isFirst("how")]).to.deep.equal([true, false, true]);
    room.lose(roomId);
    await room.ensure();
    expect(room.isFirst("why")).to.equal(true);
  });

  describe("and its owner", () => {
    it("are known to be together only once the homeserver has been asked about the room", async () => {
      const room = direct();
      const { roomId } = await room.ensure();
      expect(room.membership.isOwnerKnown(roomId)).to.equal(false);
      expect(await room.membership.isRead(roomId)).to.equal(true);
      expect(room.membership.isOwnerKnown(roomId)).to.equal(true);
      // Nothing of that outlives the process: the owner may leave while the bridge is away.
      expect(opened(room.row).room.membership.isOwnerKnown(roomId)).to.equal(false);
    });

    it("are not known to be together when the room was lost before the answer came", async () => {
      const room = direct();
      const { roomId } = await room.ensure();
      servers.fake.fail({ path: /\/state\/m\.room\.member\//u, times: 1, slow: { when: "after", ms: 50 } });
      const asking = room.membership.isRead(roomId);
      room.lose(roomId);
      expect(await asking).to.equal(true);
      expect(room.membership.isOwnerKnown(roomId)).to.equal(false);
    });

    it("are not together when the owner has left, or the ghost is out of the room", async () => {
      const room = direct();
      const { roomId } = await room.ensure();
      alice.leave(roomId);
      expect(await room.membership.isRead(roomId)).to.equal(false);
      servers.fake.world.setMembership(roomId, "@admin:localhost", GHOST, "ban");
      expect(await room.membership.isRead(roomId)).to.equal(false);
    });

    it("get another room where one is to be read", async () => {
      const room = direct();
      const roomId = await room.ensureRead();
      expect(await room.ensureRead()).to.equal(roomId);
      room.membership.noteGone(roomId, alice.userId);
      alice.leave(roomId);
      const next = await room.ensureRead();
      expect(servers.fake.room(next).membership(alice.userId)).to.equal("invite");
      expect([next === roomId, timeline.lost]).to.deep.equal([false, [roomId]]);
    });

    it("are brought together again by an invitation, if the owner is not there", async () => {
      const room = direct();
      const { roomId } = await room.ensure();
      const before = servers.fake.requests.length;
      await room.membership.inviteOwner();
      expect(asked(before)).to.not.include("POST invite");
      alice.leave(roomId);
      await room.membership.inviteOwner();
      expect(servers.fake.room(roomId).membership(alice.userId)).to.equal("invite");
    });
  });

  it("is given up at once, and left by its ghost in its own time", async () => {
    const room = direct();
    const { roomId } = await room.ensure();
    room.lose("!another:localhost");
    expect(room.roomId).to.equal(roomId);
    room.lose(roomId);
    expect([room.roomId, room.row.dismissed, timeline.lost]).to.deep.equal([null, true, [roomId]]);
    await until("the ghost has left", () => servers.fake.room(roomId).membership(GHOST) === "leave");
  });

  it("is left by its ghost once it is lost on disk, once however often that was decided", async () => {
    const room = direct();
    const { roomId } = await room.ensure();
    const { store } = login;
    const undone = new Error("undone");
    const losing = store.commit(() => {
      room.lose(roomId);
      throw undone;
    });
    expect(await rejection(losing)).to.equal(undone);
    expect(room.roomId).to.equal(roomId);
    await nextTurn();
    let runs = 0;
    const lost = store.commit(() => {
      runs += 1;
      room.lose(roomId);
    });
    // All of this turn is done once more because of it.
    await rejection(
      store.commit(() => {
        throw undone;
      }),
    );
    await lost;
    expect(runs).to.equal(2);
    await until("the ghost has left", () => servers.fake.room(roomId).membership(GHOST) === "leave");
    expect(asked(0).filter((request) => request === "POST leave")).to.have.lengthOf(1);
  });

  it("says whether all could be done that belongs to its end", async () => {
    const room = direct();
    const first = (await room.ensure()).roomId;
    expect(await room.close("deleted")).to.equal(true);
    expect(servers.fake.room(first).membership(alice.userId)).to.equal("leave");
    expect(await room.close("deleted")).to.equal(true);
    await room.ensure();
    servers.fake.fail({ path: /\/leave$/u, status: 502, body: "<html>", times: Infinity });
    bench.stop();
    expect(await room.close("unbridged")).to.equal(false);
    expect(room.roomId).to.equal(null);
  });

  it("is the one that its owner has made, unless there is one", async () => {
    const room = direct();
    const own = alice.createDirectRoom(GHOST);
    await login.ghosts.intent("one", NILS).join(own);
    expect(await room.adopt(own)).to.equal(true);
    expect([room.roomId, timeline.woken]).to.deep.equal([own, 1]);
    expect(await room.adopt(alice.createDirectRoom(GHOST))).to.equal(false);
    expect(room.roomId).to.equal(own);
  });

  it("moves to the room that replaces it, and says there what it shows; nobody is told of a loss", async () => {
    const room = direct();
    await room.state.rename("Little brother");
    const { roomId } = await room.ensure();
    alice.join(roomId);
    const next = servers.fake.world.upgrade(roomId, GHOST, alice.userId);
    // Servers take the levels of the old room over.
    const users = { "@admin:localhost": 100, [GHOST]: 100 };
    servers.fake.world.setState(next, "@admin:localhost", "m.room.power_levels", { users });
    await room.follow(roomId, next);
    expect([room.roomId, timeline.lost]).to.deep.equal([next, []]);
    const key = `msn://one/mia@example.com/${NILS}`;
    expect(servers.fake.room(next).state("m.bridge", key)?.["channel"]).to.deep.equal({
      id: NILS,
      displayname: "Little brother",
    });
    // A room of before is not followed from again.
    await room.follow(roomId, "!elsewhere:localhost");
    expect(room.roomId).to.equal(next);
  });

  describe("of a group", () => {
    it("has its ghosts from the beginning, and asks nothing when they are said to come", async () => {
      const room = group(NILS, OLGA);
      const { roomId } = await room.ensure();
      expect(servers.fake.room(roomId).members("join")).to.include.members([GHOST, OLGAS]);
      const before = servers.fake.requests.length;
      await room.attend(NILS, "join");
      expect(asked(before)).to.deep.equal([]);
    });

    it("lets a ghost out who leaves, and brings it in who comes back", async () => {
      const room = group(NILS, OLGA);
      const { roomId } = await room.ensure();
      await room.attend(OLGA, "leave");
      expect(servers.fake.room(roomId).membership(OLGAS)).to.equal("leave");
      await room.attend(OLGA, "join");
      expect(servers.fake.room(roomId).membership(OLGAS)).to.equal("join");
    });

    it("brings a ghost back in whom somebody else has put out", async () => {
      const room = group(NILS, OLGA);
      const { roomId } = await room.ensure();
      servers.fake.world.setMembership(roomId, "@admin:localhost", OLGAS, "leave");
      room.membership.noteGone(roomId, OLGAS);
      await room.attend(OLGA, "join");
      expect(servers.fake.room(roomId).membership(OLGAS)).to.equal("join");
    });

    it("is not made for one who leaves, nor once its owner has left it", async () => {
      const room = group(NILS, OLGA);
      await room.attend(OLGA, "leave");
      expect(room.roomId).to.equal(null);
      await room.attend(OLGA, "join");
      const { roomId } = room;
      if (roomId === null) throw new Error("there should be a room");
      room.lose(roomId);
      await room.attend(NILS, "join");
      expect(room.roomId).to.equal(null);
    });
  });

  describe("shows", () => {
    const sent = (since: number): string[] => asked(since).filter((one) => one.startsWith("PUT state/"));

    it("a name that is told once, also by the next run", async () => {
      const room = direct();
      const { roomId } = await room.ensure();
      await room.state.rename("Little brother");
      expect(servers.fake.room(roomId).state("m.room.name")).to.deep.equal({ name: "Little brother" });
      const before = servers.fake.requests.length;
      await room.state.rename("Little brother");
      await opened(room.row).room.state.tell();
      expect(sent(before)).to.deep.equal([]);
      await room.state.rename(null);
      expect(servers.fake.room(roomId).state("m.room.name")).to.deep.equal({ name: "" });
    });

    it("no name any more where that is wished, also in a room of which nobody has noted what it is called", async () => {
      const room = direct();
      const { roomId } = await room.ensure();
      await room.state.rename("Little brother");
      // As in a database of an earlier version.
      login.store.portals.setRoom(room.row.id, roomId);
      await room.state.rename(null);
      expect(servers.fake.room(roomId).state("m.room.name")).to.deep.equal({ name: "" });
      const before = servers.fake.requests.length;
      await room.state.rename(null);
      expect(sent(before)).to.not.include("PUT state/m.room.name/");
    });

    it("the people of a group, in the name that only the bridge gives it", async () => {
      const room = group(NILS, OLGA);
      const { roomId } = await room.ensure();
      const name = (): unknown => servers.fake.room(roomId).state("m.room.name")?.["name"];
      expect(name()).to.equal(`${NILS}, ${OLGA}`);
      login.store.portalMembers.grow(room.row.id, [NILS, OLGA, "pete@example.com"]);
      await room.attend("pete@example.com", "join");
      expect(name()).to.equal(`${NILS}, ${OLGA}, pete@example.com`);
    });

    it("what its owner has named it, which the bridge leaves alone until they take it away", async () => {
      const room = group(NILS, OLGA);
      await room.ensure();
      room.state.noteName(alice.userId, "Chess");
      const before = servers.fake.requests.length;
      await room.state.tell();
      expect(sent(before)).to.not.include("PUT state/m.room.name/");
      expect(room.state.info.called).to.equal("Chess");
      room.state.noteName(alice.userId, undefined);
      await room.state.tell();
      expect(sent(before)).to.include("PUT state/m.room.name/");
      // A name that others have given is none of the owner's.
      room.state.noteName("@bob:localhost", "Go");
      expect(login.store.portals.title(room.row.id)).to.equal(null);
    });

    it("what it can: a homeserver that refuses it fails only the one who asked for it", async () => {
      const room = direct();
      await room.ensure();
      servers.fake.fail({ path: /\/state\/m\.room\.name/u, ...NO });
      expect(await rejection(room.state.rename("Little brother"))).to.include({ code: "forbidden" });
      await room.state.tell();
      expect(login.store.portals.title(room.row.id)).to.equal("Little brother");
    });
  });
});
