import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { ConnectionKeeper } from "../../../src/bridge/session/connection-keeper.ts";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import type { SessionState } from "../../../src/bridge/session/state.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FickleServer } from "../../support/fickle-server.ts";
import { GOOD_PASSPORT, LOGIN, NEXUS, passportFetch } from "../../support/memory-msn.ts";
import { rejection } from "../../support/rejection.ts";
import { accountScope, loginRow, testNetwork, ToldNotices } from "../../support/scopes.ts";
import { until } from "../../support/until.ts";

const [MIA, PASSWORD] = ["mia@example.com", "secret"];
const WRONG = { "www-authenticate": "Passport1.4 da-status=failed" };
const HINDERED = { type: "hindered", error: new MsnError("connection-closed", "the disk is full") } as const;

/** Tells nothing while the disk is full. */
class DiskNotices extends ToldNotices {
  isFull = false;

  override tell(owner: string, sentence: string): void {
    if (this.isFull) throw new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
    super.tell(owner, sentence);
  }
}

describe("bridge/session/connection-keeper", () => {
  let server: FickleServer;
  let clock: FakeClock;
  let notices: DiskNotices;
  /** What is told, in order: each state, and what else a test adds. */
  let told: string[];
  let isPasswordGood: boolean;
  /** Settles once the status in which to sign in can be known. */
  let prepared: Promise<void>;
  let keeper: ConnectionKeeper;
  let keepers: ConnectionKeeper[];

  beforeEach(async () => {
    server = await FickleServer.start();
    [clock, notices, told, keepers] = [new FakeClock(), new DiskNotices(), [], []];
    [isPasswordGood, prepared] = [true, Promise.resolve()];
    keeper = open();
    keeper.attach({ onEvent: () => undefined, onState: ({ type }) => void told.push(type) });
  });
  afterEach(async () => {
    for (const one of keepers) void one.stop({ type: "logged-out" });
    await clock.advance(5000);
    await server.stop();
  });

  function open(): ConnectionKeeper {
    const good = GOOD_PASSPORT[LOGIN];
    const login = (): Response =>
      isPasswordGood && good !== undefined ? good() : new Response(null, { status: 401, headers: WRONG });
    const { fetch } = passportFetch({ ...GOOD_PASSPORT, [LOGIN]: login });
    const network = testNetwork({ port: server.port, nexusUrl: NEXUS, fetch });
    const scope = accountScope({ row: loginRow({ passport: MIA }), network, clock, notices });
    const statuses = { prepare: async () => prepared, statusAfter: () => "BSY" as const };
    const made = new ConnectionKeeper(scope, new SessionLimits(clock), statuses);
    keepers.push(made);
    return made;
  }

  const is = (type: SessionState["type"]): Promise<unknown> =>
    until(`it is ${type}`, () => keeper.state.value.type === type);

  /** Signs in, and waits until the server has had its say. */
  async function start(): Promise<void> {
    keeper.start(MIA, PASSWORD);
    await is("connected");
  }

  describe("goes from state to state, and its listener hears of each:", () => {
    it("it signs in with the status that it should show, and out", async () => {
      expect([keeper.state.value.type, keeper.status]).to.deep.equal(["logged-out", "FLN"]);
      await start();
      expect(keeper.status).to.equal("BSY");
      expect(await keeper.stop({ type: "logged-out" })).to.equal(true);
      expect(told).to.deep.equal(["connecting", "connected", "logged-out"]);
      expect([keeper.client, keeper.status]).to.deep.equal([undefined, "FLN"]);
      await until("nothing is left", () => server.connections === 0);
    });

    it("a connection that breaks is made again at once, and one that breaks again soon after a while", async () => {
      await start();
      const broken = keeper.client;
      server.drop();
      await until("the next connection", () => told.length === 4);
      server.drop();
      await is("waiting");
      await clock.advance(5000);
      await is("connected");
      expect(keeper.client).to.equal(broken);
      expect(told.join(" ")).to.equal("connecting connected connecting connected waiting connecting connected");
      expect(notices.told).to.deep.equal([]);
    });

    it("while the bridge cannot have a session there is none, until it is started again", async () => {
      await start();
      await keeper.stop(HINDERED);
      await until("nothing is left", () => server.connections === 0);
      expect(keeper.state.value).to.equal(HINDERED);
      await clock.advance(3_600_000);
      expect(server.dials).to.equal(1);
      await start();
      expect(told).to.deep.equal(["connecting", "connected", "hindered", "connecting", "connected"]);
    });

    it("while it waits for the next try it can be ended, and leaves no timer", async () => {
      server.turn("USR S");
      keeper.start(MIA, PASSWORD);
      await is("waiting");
      void keeper.stop({ type: "logged-out" });
      await clock.advance(0);
      expect([told, clock.waiting]).to.deep.equal([["connecting", "waiting", "logged-out"], 0]);
    });

    it("those who wait for a connection go on after it", async () => {
      keeper.start(MIA, PASSWORD);
      const client = await keeper.connected(clock.now()).finally(() => told.push("waited"));
      expect([client, told]).to.deep.equal([keeper.client, ["connecting", "connected", "waited"]]);
    });
  });

  describe("ends for good when the password is refused", () => {
    beforeEach(() => void (isPasswordGood = false));

    it("and the owner is told once, and nothing is tried any more", async () => {
      keeper.start(MIA, PASSWORD);
      await is("stopped");
      await clock.advance(3_600_000);
      expect([told, server.dials, notices.told.length]).to.deep.equal([["connecting", "stopped"], 1, 1]);
      expect(await rejection(keeper.connected(clock.now()))).to.include({ code: "bad-credentials" });
    });

    it("also while the disk is full, and the owner is told once it has room", async () => {
      notices.isFull = true;
      keeper.start(MIA, PASSWORD);
      await is("stopped");
      await clock.advance(60_000);
      expect(notices.told).to.deep.equal([]);
      notices.isFull = false;
      await clock.advance(10_000);
      expect(notices.told).to.have.length(1);
    });

    it("and begins again with another", async () => {
      keeper.start(MIA, PASSWORD);
      await is("stopped");
      isPasswordGood = true;
      await keeper.signIn(MIA, PASSWORD);
      expect([told.at(-1), server.connections]).to.deep.equal(["connected", 1]);
    });
  });

  describe("signing in once", () => {
    it("takes the place of what is tried or waited for, and leaves one connection", async () => {
      server.turn("CHG");
      keeper.start(MIA, PASSWORD);
      await is("waiting");
      server.turn();
      await keeper.signIn(MIA, PASSWORD);
      const dials = server.dials;
      await clock.advance(600_000);
      expect([keeper.state.value.type, server.dials, server.connections]).to.deep.equal(["connected", dials, 1]);
    });

    it("takes the place of the session that there is", async () => {
      await start();
      const before = keeper.client;
      await keeper.signIn(MIA, PASSWORD);
      await until("one is left", () => server.connections === 1);
      expect([keeper.client === before, keeper.client?.isConnected]).to.deep.equal([false, true]);
      expect(told).to.deep.equal(["connecting", "connected", "connected"]);
    });

    it("that fails leaves nothing behind, and is not tried again", async () => {
      server.turn("USR S");
      const error = await rejection(keeper.signIn(MIA, PASSWORD));
      expect(error).to.have.property("name", "MsnError");
      await clock.advance(3_600_000);
      expect([told, server.dials, notices.told]).to.deep.equal([["connecting", "logged-out"], 1, []]);
    });

    it("ends with the one who asks for it, whatever the server does", async () => {
      server.turn("VER", "falls silent");
      const asking = new AbortController();
      const signingIn = rejection(keeper.signIn(MIA, PASSWORD, asking.signal));
      await until("the server is asked", () => server.heard.length > 0);
      asking.abort(new Error("not wanted any more"));
      expect((await signingIn).message).to.equal("not wanted any more");
      expect(told).to.deep.equal(["connecting", "logged-out"]);
      await until("nothing is left", () => server.connections === 0);
    });

    it("ends with a sign-out that comes meanwhile", async () => {
      server.turn("VER", "falls silent");
      const signingIn = rejection(keeper.signIn(MIA, PASSWORD));
      await until("the server is asked", () => server.heard.length > 0);
      void keeper.stop({ type: "logged-out" });
      expect(await signingIn).to.include({ code: "connection-closed" });
      await clock.advance(5000);
      expect([keeper.state.value.type, keeper.client]).to.deep.equal(["logged-out", undefined]);
    });
  });

  it("signs in only once the status can be known, and not if that is too late", async () => {
    const known = Promise.withResolvers<void>();
    prepared = known.promise;
    keeper.start(MIA, PASSWORD);
    const other = open();
    other.start(MIA, PASSWORD);
    await clock.advance(1000);
    expect([server.dials, keeper.state.value.type]).to.deep.equal([0, "connecting"]);
    void other.stop({ type: "logged-out" });
    known.resolve();
    await is("connected");
    expect(server.dials).to.equal(1);
  });

  it("reads nothing while it is told so, and then goes on where it was", async () => {
    await start();
    keeper.read(false);
    const pinging = keeper.client?.ping().then(() => told.push("heard"));
    // What is sent later to another, and read, shows that there was something to read.
    await until("the server is asked", () => server.heard.includes("PNG"));
    await open().signIn(MIA, PASSWORD);
    expect(told).to.not.include("heard");
    keeper.read(true);
    await pinging;
    expect(told).to.include("heard");
  });
});
