import { expect } from "chai";
import { LoginPortals } from "../../../src/bridge/portal/login-portals.ts";
import type { Portal } from "../../../src/bridge/portal/portal.ts";
import type { BridgeScope } from "../../../src/bridge/scope/bridge-scope.ts";
import type { LoginScope } from "../../../src/bridge/scope/login-scope.ts";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import { Session } from "../../../src/bridge/session/session.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import { portalMessage } from "../../../src/convert/to-matrix.ts";
import { MsnError, type Conversation } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { collectGarbage } from "../../support/garbage.ts";
import { RoomBench } from "../../support/room-bench.ts";
import { until } from "../../support/until.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { rejection } from "../../support/rejection.ts";
import { accountScope, askingScope, loginScope } from "../../support/scopes.ts";
import { SetGroup } from "../../support/set-group.ts";

const [NILS, OLGA, EVA] = ["nils@example.com", "olga@example.com", "eva@example.com"];

/** A session that has one conversation. */
class OneConversation extends Session {
  talk = new SetGroup(NILS);

  override conversation(): Promise<Conversation> {
    return Promise.resolve(this.talk);
  }
}

describe("bridge/portal/login-portals", () => {
  let disk: FullDisk;
  let clock: FakeClock;
  let stopping: AbortController;
  let bridge: BridgeScope;
  let scope: LoginScope;
  let session: OneConversation;
  let portals: LoginPortals;
  /** What the homeserver, which is away once this is settled, was asked for. */
  let asked: string[];
  let away: PromiseWithResolvers<never>;

  beforeEach(() => {
    [disk, clock, stopping, asked] = [new FullDisk(), new FakeClock(), new AbortController(), []];
    away = Promise.withResolvers<never>();
    away.promise.catch(() => undefined);
    const request = async (method: string, path: string): Promise<never> => {
      asked.push(`${method} ${path}`);
      return away.promise;
    };
    bridge = askingScope(request, { clock, signal: stopping.signal });
    session = new OneConversation(accountScope({ clock }), new SessionLimits(clock), {
      prepare: () => Promise.resolve(),
      statusAfter: () => "NLN",
    });
    scope = loginScope({ ...bridge, session });
    portals = new LoginPortals(scope);
  });
  afterEach(async () => {
    stopping.abort();
    away.reject(Object.assign(new Error("away"), { code: "ECONNREFUSED" }));
    await portals.stop();
    scope.store.close();
    disk.restore();
  });

  const people = ({ row }: Portal): string[] => scope.store.portalMembers.list(row.id);

  /** What is on its way to Matrix in a chat. */
  function shown({ row }: Portal): object[] {
    const { journal } = scope.store;
    const rows = journal.listOpen("to-matrix").filter((id) => journal.get(id).portalId === row.id);
    return rows.map((id) => portalMessage.parse(journal.body(id)));
  }

  it("are one object for each contact, also for the next run, and have no room yet", () => {
    const portal = portals.direct(NILS);
    expect(portal.row).to.deep.include({ loginId: scope.row.id, kind: "direct", remote: NILS, roomId: null });
    expect(portals.direct(NILS)).to.equal(portal);
    expect(portals.of(portal.row)).to.equal(portal);
    expect(portals.direct(OLGA)).to.not.equal(portal);
    expect(new LoginPortals(scope).direct(NILS).row).to.deep.equal(portal.row);
    expect(portals.list().map(({ remote }) => remote)).to.deep.equal([NILS, OLGA]);
  });

  it("are not those of another login", () => {
    const row = scope.store.logins.save({ server: "one", passport: "other@example.com", owner: "@bob:localhost" });
    const others = new LoginPortals(loginScope({ ...bridge, session, row }));
    expect(others.direct(NILS).row.id).to.not.equal(portals.direct(NILS).row.id);
    expect(others.groupOf([NILS, OLGA]).row.id).to.not.equal(portals.groupOf([NILS, OLGA]).row.id);
    expect([portals.list().length, others.list().length]).to.deep.equal([2, 2]);
  });

  it("of a group stay the same when people come and go", () => {
    const portal = portals.group("1", [NILS, OLGA]);
    expect(people(portal)).to.have.members([NILS, OLGA]);
    expect(portals.group("1", [NILS, OLGA, EVA])).to.equal(portal);
    expect(portals.group("1", [NILS])).to.equal(portal);
    expect(people(portal)).to.have.members([NILS, OLGA, EVA]);
  });

  it("of a group are found again by exactly its people, also by the next run", () => {
    const three = portals.group("1", [NILS, OLGA, EVA]);
    const two = portals.group("2", [NILS, OLGA]);
    expect(two).to.not.equal(three);
    expect([portals.group("3", [OLGA, NILS]), portals.groupOf([EVA, OLGA, NILS])]).to.deep.equal([two, three]);
    expect(new LoginPortals(scope).group("4", [NILS, OLGA]).row).to.deep.equal(two.row);
    expect(portals.list()).to.have.length(2);
  });

  it("of a group that is met in two conversations are known by both", () => {
    const portal = portals.group("1", [NILS, OLGA]);
    portals.group("2", [NILS, OLGA]);
    expect([portals.group("1", []), portals.group("2", [])]).to.deep.equal([portal, portal]);
  });

  it("of a group that is heard again and again are known by it, however many others are met meanwhile", () => {
    const portal = portals.group("1", [NILS, OLGA]);
    portals.group("1", [NILS, OLGA, EVA]);
    for (let index = 2; index < 2010; index += 1) {
      portals.group(String(index), [NILS, OLGA, EVA]);
      if (index % 1000 === 0) portals.group("1", []);
    }
    expect(portals.group("1", [NILS])).to.equal(portal);
  });

  it("of a group are not there without its people where the disk is full in between", () => {
    disk.isFull = (sql) => sql.includes("INTO portal_member");
    expect(() => portals.groupOf([NILS, OLGA])).to.throw("full");
    expect(portals.list()).to.deep.equal([]);
  });

  it("are gone for good once they are forgotten, and those who follow the rooms hear of it", () => {
    let changes = 0;
    scope.roomFollowers.add({ roomsChanged: () => void (changes += 1) });
    const [direct, group] = [portals.direct(NILS), portals.group("1", [NILS, OLGA])];
    for (const { row } of [direct, group]) portals.forget(row);
    expect([portals.list(), changes]).to.deep.equal([[], 2]);
    expect(portals.direct(NILS)).to.not.equal(direct);
    expect(portals.group("1", [NILS, OLGA])).to.not.equal(group);
  });

  it("know the room with a contact, however the address is spelt", () => {
    const { row } = portals.direct(NILS);
    expect([portals.roomWith(NILS), portals.roomWith(OLGA)]).to.deep.equal([null, null]);
    scope.store.portals.setRoom(row.id, "!chat:localhost");
    expect(portals.roomWith("Nils@Example.com")).to.equal("!chat:localhost");
  });

  describe("to which one more is called", () => {
    it("become the group of both where it was a chat of two", async () => {
      const group = await portals.invite(portals.direct(NILS), OLGA);
      expect([session.talk.called, people(group)]).to.deep.equal([[OLGA], [NILS, OLGA]]);
      expect(group).to.equal(portals.groupOf([NILS, OLGA]));
    });

    it("stay the same where they are a group's", async () => {
      const group = portals.groupOf([NILS, OLGA]);
      expect(await portals.invite(group, EVA)).to.equal(group);
      expect([session.talk.called, shown(group)]).to.deep.equal([[EVA], []]);
    });

    it("bring the ghost of one in who is there already, and call nobody twice", async () => {
      const group = portals.groupOf([NILS, OLGA]);
      expect(await portals.invite(group, NILS)).to.equal(group);
      expect([session.talk.called, shown(group)]).to.deep.equal([[], [{ type: "join", from: NILS }]]);
      const error = await rejection(portals.invite(portals.direct(NILS), NILS));
      expect([error.message, session.talk.called]).to.deep.equal(["a chat has everybody once", []]);
    });

    it("say whether it is the one who is called who cannot come, and are made for none who does not", async () => {
      session.talk.failure = new MsnError("rejected", "nobody of that name");
      const portal = portals.direct(NILS);
      expect((await rejection(portals.invite(portal, OLGA))).message).to.equal("nobody of that name");
      session.talk = Object.assign(new SetGroup(), { failure: session.talk.failure });
      expect((await rejection(portals.invite(portal, OLGA))).message).to.include("nobody in the chat");
      expect(portals.list()).to.have.length(1);
    });
  });

  describe("of an earlier run", () => {
    beforeEach(() => {
      for (const remote of [NILS, OLGA]) {
        const row = scope.store.portals.save({ loginId: scope.row.id, kind: "direct", remote });
        scope.store.portals.setRoom(row.id, `!${row.id}:localhost`);
        scope.store.journal.acceptMessage(row.id, { type: "text", text: "hello", from: remote });
      }
    });

    it("go on with what it left, each of them", async () => {
      await clock.advance(0);
      expect(asked).to.deep.equal([]);
      for (const row of portals.list()) portals.of(row).resume();
      await clock.advance(0);
      expect(asked).to.have.length(2);
    });

    it("end what is under way when the bridge stops, and leave the rest", async () => {
      for (const row of portals.list()) portals.of(row).resume();
      await clock.advance(0);
      stopping.abort();
      let isStopped = false;
      const stop = portals.stop().then(() => (isStopped = true));
      await clock.advance(60_000);
      expect(isStopped).to.equal(false);
      away.reject(Object.assign(new Error("away"), { code: "ECONNREFUSED" }));
      await stop;
      await clock.advance(60_000);
      expect(asked).to.have.length(2);
      expect(scope.store.journal.listOpen("to-matrix")).to.have.length(2);
    });
  });
});

const GHOST = "@msn_one_nils=40example.com:localhost";

describe("bridge/portal/login-portals that nobody needs", () => {
  let bench: RoomBench;
  let portals: LoginPortals;
  beforeEach(async () => {
    bench = await RoomBench.open();
    portals = new LoginPortals(bench.login);
  });
  afterEach(async () => {
    bench.stop();
    await portals.stop();
    await bench.close();
  });

  /** So much time passes that nobody needs a portal any more. */
  async function rest(): Promise<void> {
    for (let time = 0; time < 2; time += 1) portals.age();
    await collectGarbage();
  }

  const isOpen = (row: PortalRow): boolean => bench.login.store.journal.count("to-matrix", row.id) > 0;

  async function says(text: string): Promise<PortalRow> {
    portals.direct(NILS).show({ type: "text", text, from: NILS });
    const row = bench.direct(NILS);
    await until(`"${text}" to be settled`, () => !isOpen(row));
    return row;
  }

  const said = (roomId: string): string[] =>
    bench.servers.fake
      .room(roomId)
      .timeline.flatMap(({ type, sender, content }) =>
        type === "m.room.message" && sender === GHOST ? [String(content["body"])] : [],
      );

  it("forgets a portal in which nothing is under way, and makes it again with the next message, in the same room", async () => {
    const row = await says("one");
    const roomId = bench.direct(NILS).roomId ?? "";
    await until("it to be forgotten", async () => {
      await rest();
      return portals.inUse(row) === undefined;
    });
    await says("two");
    expect(bench.direct(NILS).roomId).to.equal(roomId);
    expect(said(roomId)).to.deep.equal(["one", "two"]);
  });

  it("keeps one of which a message waits for the homeserver, and shows that message once", async () => {
    const { fake } = bench.servers;
    const struck = Promise.withResolvers<void>();
    fake.fail({ path: /createRoom/u, times: 1, slow: { when: "before", ms: 60_000 }, onStrike: struck.resolve });
    portals.direct(NILS).show({ type: "text", text: "late", from: NILS });
    await struck.promise;
    await rest();
    expect(portals.inUse(bench.direct(NILS))).not.to.equal(undefined);
    fake.calm();
    await until("it to be shown", () => !isOpen(bench.direct(NILS)));
    expect(said(bench.direct(NILS).roomId ?? "")).to.deep.equal(["late"]);
  });

  it("finds the very same as long as somebody has it", async () => {
    const portal = portals.direct(NILS);
    await rest();
    expect(portals.direct(NILS)).to.equal(portal);
    expect(portals.inUse(portal.row)).to.equal(portal);
  });

  it("knows by its conversation the group that was forgotten, whoever has come to it since", async () => {
    const { id } = portals.group("conversation", [NILS, OLGA]).row;
    await rest();
    const people = [NILS, OLGA, "otto@example.com"];
    expect(portals.group("conversation", people).row.id).to.equal(id);
    expect(bench.login.store.portalMembers.list(id)).to.deep.equal(people);
  });
});
