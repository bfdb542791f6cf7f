import { expect } from "chai";
import { Portal } from "../../../src/bridge/portal/portal.ts";
import { MetGroups } from "../../../src/bridge/room/met-groups.ts";
import type { FakePerson } from "../../support/fake-homeserver/person.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import type { TestHomeservers } from "../../support/homeservers.ts";
import { RoomBench } from "../../support/room-bench.ts";
import { until } from "../../support/until.ts";

const NILS = "nils@example.com";
const OLGA = "olga@example.com";
const GHOST = "@msn_one_nils=40example.com:localhost";
const HOUR_MS = 60 * 60_000;
const SEND = /\/send\/m\.room\.message\//u;

describe("bridge/portal/portal", () => {
  let bench: RoomBench;
  let servers: TestHomeservers;
  let alice: FakePerson;
  let clock: FakeClock;
  let portal: Portal;
  beforeEach(async () => {
    clock = new FakeClock();
    bench = await RoomBench.open(clock);
    ({ servers, alice } = bench);
    portal = new Portal(bench.login, bench.direct(NILS), new MetGroups());
  });
  afterEach(async () => {
    bench.stop();
    await portal.stop();
    await bench.close();
  });

  const say = (text: string): void => portal.show({ type: "text", text, from: NILS });

  /** What the ghost has said in a room. */
  const said = (roomId: string): string[] =>
    servers.fake
      .room(roomId)
      .timeline.flatMap(({ type, sender, content }) =>
        type === "m.room.message" && sender === GHOST ? [String(content["body"])] : [],
      );

  const open = (): number => bench.login.store.journal.count("to-matrix", portal.row.id);

  /** Says the first words, which are settled once the homeserver has been asked who is there. */
  async function begun(): Promise<string> {
    say("first");
    const roomId = await until("a room", () => portal.roomId ?? undefined);
    await until("settled", () => open() === 0);
    return roomId;
  }

  /** The homeserver gives back what was said last. */
  function giveBack(roomId: string): void {
    const last = servers.fake.room(roomId).timeline.findLast(({ sender }) => sender === GHOST);
    portal.echoed(roomId, String(last?.content["matrix-appservice-msn.row"]));
  }

  describe("to Matrix", () => {
    it("settles what the homeserver gives back, and asks it nothing", async () => {
      const roomId = await begun();
      const before = servers.fake.requests.length;
      say("one");
      say("two");
      await until("two", () => said(roomId).includes("two"));
      expect(open()).to.equal(2);
      giveBack(roomId);
      await until("settled", () => open() === 0);
      expect(bench.asked(before).filter((one) => !SEND.test(`/${one.split(" ")[1]}`))).to.deep.equal([]);
    });

    it("asks who is there once, a second after nothing has come back", async () => {
      const roomId = await begun();
      const before = servers.fake.requests.length;
      for (const text of ["one", "two", "three"]) say(text);
      await until("three", () => said(roomId).includes("three"));
      await clock.advance(999);
      expect(open()).to.equal(3);
      await clock.advance(1);
      await until("settled", () => open() === 0);
      expect(bench.asked(before).filter((one) => one.startsWith("GET"))).to.have.length(1);
    });

    it("sends no more than twenty before one is settled", async () => {
      const roomId = await begun();
      for (let at = 1; at <= 25; at += 1) say(`number ${at}`);
      await until("twenty", () => said(roomId).length === 21);
      giveBack(roomId);
      await until("all", () => said(roomId).length === 26);
      expect(said(roomId).at(-1)).to.equal("number 25");
    });

    it("shows in the next room what came after its owner had left, and does not mind what comes back from the old one", async () => {
      const roomId = await begun();
      say("one");
      await until("one", () => said(roomId).includes("one"));
      alice.leave(roomId);
      portal.room.lose(roomId);
      giveBack(roomId);
      const next = await until("another room", () => portal.roomId ?? undefined);
      await until("settled", () => open() === 0);
      expect([next === roomId, said(next)]).to.deep.equal([false, ["one"]]);
    });

    it("shows in the room that replaces one, before anything new, what its owner may not have read in the old one", async () => {
      const roomId = await begun();
      say("one");
      await until("one", () => said(roomId).includes("one"));
      const next = servers.fake.world.upgrade(roomId, alice.userId, GHOST);
      alice.join(next);
      alice.leave(roomId);
      await portal.room.follow(roomId, next);
      say("two");
      await until("two", () => said(next).includes("two"));
      await clock.advance(1000);
      await until("one", () => said(next).includes("one"));
      expect(said(next)).to.deep.equal(["one", "two"]);
    });

    it("goes to the room that replaces one in which nobody may speak any more, also before the bridge is told", async () => {
      const roomId = await begun();
      const next = servers.fake.world.upgrade(roomId, alice.userId, GHOST);
      alice.join(next);
      servers.fake.world.setState(roomId, alice.userId, "m.room.power_levels", { users: {}, events_default: 50 });
      say("one");
      await until("one", () => said(next).includes("one"));
      expect([portal.roomId === next, bench.notices.told]).to.deep.equal([true, []]);
    });

    it("makes no third room for words whose owner declines them, says so, and tries again after an hour, whatever the date is set to", async () => {
      const decline = async (): Promise<void> => {
        const roomId = await until("a room", () => portal.roomId ?? undefined);
        await until("an invitation", () => servers.fake.room(roomId).membership(alice.userId) === "invite");
        portal.room.lose(roomId);
      };
      servers.fake.fail({ method: "PUT", path: SEND, times: 2, slow: { when: "before", ms: 100 } });
      say("one");
      await decline();
      await decline();
      await until("told", () => bench.notices.told.some(({ sentence }) => sentence.includes("you left")));
      expect([portal.roomId, open()]).to.deep.equal([null, 1]);
      clock.setDate(-HOUR_MS);
      await clock.advance(HOUR_MS);
      const roomId = await until("a room", () => portal.roomId ?? undefined);
      await until("one", () => said(roomId).includes("one"));
      expect(bench.notices.told).to.have.length(1);
    });

    it("tells what the homeserver refuses for good, and goes on", async () => {
      const roomId = await begun();
      servers.fake.fail({ path: SEND, times: 1, status: 413, body: { errcode: "M_TOO_LARGE", error: "too large" } });
      say("too much");
      say("enough");
      await until("enough", () => said(roomId).includes("enough"));
      expect(bench.notices.told.map(({ sentence }) => sentence).join("\n")).to.include(NILS);
      giveBack(roomId);
      await until("settled", () => open() === 0);
    });

    it("does not say of what is in the room that it is not, where the homeserver refuses to say who is there", async () => {
      const roomId = await begun();
      const body = { errcode: "M_UNKNOWN", error: "no" };
      servers.fake.fail({ path: /\/state\/m\.room\.member\//u, times: 1, status: 400, body });
      say("one");
      say("two");
      await until("two", () => said(roomId).includes("two"));
      await clock.advance(1000);
      await until("settled", () => open() === 0);
      expect(bench.notices.told).to.deep.equal([]);
      expect(said(roomId)).to.deep.equal(["first", "one", "two"]);
    });

    it("sends once more what the homeserver may not have got, but not what is there", async () => {
      const roomId = await begun();
      servers.fake.fail({ path: SEND, times: 1, resetAfterDeed: true });
      servers.fake.forgetTransactionIds();
      say("one");
      await until("it waits to try again", () => clock.waiting > 0 && said(roomId).includes("one"));
      await clock.advance(60_000);
      giveBack(roomId);
      await until("settled", () => open() === 0);
      expect(said(roomId)).to.deep.equal(["first", "one"]);
    });

    it("lets nobody wait for a member of a group who can be in no room, and makes no room after room for them", async () => {
      const group = new Portal(bench.login, bench.group(NILS, OLGA), new MetGroups());
      const body = { errcode: "M_FORBIDDEN", error: "This account has been deactivated" };
      servers.fake.fail({ method: "POST", path: /\/join$/u, times: Number.POSITIVE_INFINITY, status: 403, body });
      group.show({ type: "text", text: "unheard", from: OLGA });
      await until("told", () => bench.notices.told.length > 0);
      servers.fake.calm();
      group.show({ type: "text", text: "heard", from: NILS });
      const heard = (): boolean => group.roomId !== null && said(group.roomId).includes("heard");
      await until("heard", heard);
      expect(bench.notices.told.map(({ sentence }) => sentence).join()).to.include(
        `A message from ${OLGA} could not be`,
      );
      expect(servers.fake.rooms()).to.have.length(2);
      await clock.advance(1000);
      await group.stop();
    });

    it("tells the owner elsewhere what the bridge has to say and there is no room for", async () => {
      portal.room.say("something");
      await until("told", () => bench.notices.told.some(({ sentence }) => sentence === "something"));
      expect([portal.roomId, open()]).to.deep.equal([null, 0]);
    });
  });

  it("gets one room where it is told twice of a room that it cannot enter", async () => {
    const roomId = await begun();
    const rooms = servers.fake.rooms().length;
    const follow = async (): Promise<void> => portal.room.follow(roomId, "!nowhere:localhost");
    let isFollowed = false;
    void Promise.all([follow(), follow()]).then(() => (isFollowed = true));
    await until("it to be followed", async () => {
      await clock.advance(1000);
      return isFollowed;
    });
    expect(servers.fake.rooms()).to.have.length(rooms + 1);
  });

  it("explains something once in the life of a room, and nothing where there is none", async () => {
    portal.explain("why", "because");
    expect(open()).to.equal(0);
    const roomId = await begun();
    portal.explain("why", "because");
    portal.explain("why", "because");
    await until("said", () => said(roomId).includes("because"));
    expect(said(roomId)).to.deep.equal(["first", "because"]);
  });

  it("leaves to the next run what it has not begun when it stops", async () => {
    await begun();
    await portal.stop();
    say("late");
    expect(open()).to.equal(1);
    portal = new Portal(bench.login, portal.row, new MetGroups());
    portal.resume();
    const { roomId } = portal;
    if (roomId === null) throw new Error("the room should be there");
    await until("late", () => said(roomId).includes("late"));
    await until("settled", () => open() === 0);
  });
});
