import { expect } from "chai";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import { Session, type Network, type SessionEvent } from "../../../src/bridge/session/session.ts";
import { takePort } from "../../../src/demo/port.ts";
import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { Limiter } from "../../../src/util/limiter.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";
import { accountScope, loginRow, testNetwork, ToldNotices } from "../../support/scopes.ts";
import { MIA, NILS, OLGA, say, untilState, type SessionBench } from "../../support/session-bench.ts";
import { until } from "../../support/until.ts";

describe("bridge/session/session", () => {
  let sandbox: TestSandbox;
  const opened: Session[] = [];
  beforeEach(async () => void (sandbox = await TestSandbox.start({ accounts: [MIA, OLGA] })));
  afterEach(async () => {
    for (const session of opened.splice(0)) void session.stop();
    await sandbox.stop();
  });

  function open(
    where: Pick<Network, "host" | "port" | "nexusUrl"> = sandbox,
    limiter = new Limiter(5, 5),
  ): SessionBench {
    const { host, port, nexusUrl } = where;
    const events: SessionEvent[] = [];
    const [clock, notices] = [new FakeClock(), new ToldNotices()];
    const [row, network] = [loginRow({ passport: MIA.passport }), testNetwork({ host, port, nexusUrl })];
    const scope = accountScope({ row, network, clock, notices });
    const session = new Session(scope, new SessionLimits(clock, () => limiter), {
      prepare: () => Promise.resolve(),
      statusAfter: () => "NLN",
    });
    session.attach({ onEvent: (event) => void events.push(event), onState: () => undefined });
    opened.push(session);
    return { session, notices, events, clock };
  }

  /** A network whose server does not listen. */
  async function nowhere(): Promise<Pick<Network, "host" | "port" | "nexusUrl">> {
    return { host: "127.0.0.1", port: await takePort(), nexusUrl: sandbox.nexusUrl };
  }

  /** Lets a session last for two minutes, with time for the server to answer. */
  async function steady(clock: FakeClock): Promise<void> {
    for (let second = 0; second < 121; second += 1) await clock.advance(1000);
  }

  describe("signing in", () => {
    it("connects, and reports what comes from MSN", async () => {
      const { session, events, notices, clock } = open();
      expect(session.state).to.deep.equal({ type: "logged-out" });
      await session.signIn(MIA.passport, MIA.password);
      expect(session.state).to.deep.equal({ type: "connected", since: clock.now() });
      expect(sandbox.sessions(MIA.passport)).to.equal(1);
      expect(await session.ping()).to.equal(0);
      const nils = sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "hi");
      const content = await until("the text", () => events.find(({ type }) => type === "content"));
      expect(content).to.include({ account: NILS }).and.to.have.nested.property("content.text", "hi");
      expect(notices.told).to.deep.equal([]);
    });

    it("fails at once with a wrong password or server, and leaves it to the caller to say so", async () => {
      const { session, notices, clock } = open();
      expect(await rejection(session.signIn(MIA.passport, "wrong"))).to.include({ code: "bad-credentials" });
      expect(session.state).to.deep.equal({ type: "logged-out" });
      expect(notices.told).to.deep.equal([]);
      const away = open(await nowhere());
      expect(await rejection(away.session.signIn(MIA.passport, "x"))).to.include({ code: "connect-failed" });
      expect(away.clock.waiting).to.equal(0);
      await clock.advance(60_000);
      expect(clock.waiting).to.equal(0);
    });

    it("replaces the session before", async () => {
      const { session, notices } = open();
      await session.signIn(MIA.passport, MIA.password);
      await session.signIn(OLGA.passport, OLGA.password);
      await until("mia is out", () => sandbox.sessions(MIA.passport) === 0);
      expect(sandbox.sessions(OLGA.passport)).to.equal(1);
      expect(session.state.type).to.equal("connected");
      expect(notices.told).to.deep.equal([]);
    });

    it("replaces one that is still being made, whose end says nothing of the new one", async () => {
      const { session, clock } = open();
      sandbox.stall("logins", true);
      const first = rejection(session.signIn(MIA.passport, MIA.password));
      expect(session.state.type).to.equal("connecting");
      sandbox.stall("logins", false);
      await session.signIn(OLGA.passport, OLGA.password);
      await clock.advance(60_000);
      expect(await first).to.have.property("name", "MsnError");
      expect(session.state.type).to.equal("connected");
      await until("only olga", () => sandbox.sessions(MIA.passport) === 0 && sandbox.sessions(OLGA.passport) === 1);
    });
  });

  describe("signing in beside a session", () => {
    it("leaves one that is being connected again whole when it fails, however often", async () => {
      const { session, clock } = open();
      await session.signIn(MIA.passport, MIA.password);
      sandbox.stall("logins", true);
      sandbox.disconnect(MIA.passport);
      await untilState(session, "connecting");
      sandbox.stall("logins", false);
      for (let turn = 0; turn < 3; turn += 1) await rejection(session.signIn(MIA.passport, "wrong"));
      // The login that was stalled is given up after its time, and then one loop goes on.
      for (let minute = 0; minute < 4; minute += 1) {
        await clock.advance(30_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await until("connected", async () => {
        await clock.advance(10_000);
        return session.state.type === "connected";
      });
      await clock.advance(20_000);
      expect(session.state.type).to.equal("connected");
      expect(sandbox.sessions(MIA.passport)).to.equal(1);
    });

    it("goes on with the session that is there when the password is wrong", async () => {
      const { session, notices } = open();
      await session.signIn(MIA.passport, MIA.password);
      expect(await rejection(session.signIn(MIA.passport, "wrong"))).to.include({ code: "bad-credentials" });
      expect(session.state.type).to.equal("connected");
      expect(sandbox.sessions(MIA.passport)).to.equal(1);
      expect(notices.told).to.deep.equal([]);
    });
  });

  describe("staying signed in", () => {
    it("connects again at once when the connection was lost", async () => {
      const { session, notices, clock } = open();
      await session.signIn(MIA.passport, MIA.password);
      for (let times = 0; times < 3; times += 1) {
        await steady(clock);
        sandbox.disconnect(MIA.passport);
        const since = clock.now();
        await until("a new session", () => session.state.type === "connected" && session.state.since === since);
      }
      expect(sandbox.sessions(MIA.passport)).to.equal(1);
      expect(notices.told).to.deep.equal([]);
    });

    it("tries again after ever longer waits, from the shortest once it has been connected for two minutes", async () => {
      const [notification, http] = [await takePort(), await takePort()];
      const where = { host: "127.0.0.1", port: notification, nexusUrl: sandbox.nexusUrl.replace(/:\d+/u, `:${http}`) };
      const { session, clock, notices } = open(where);
      const delay = async (): Promise<number> => {
        await untilState(session, "waiting");
        const { state } = session;
        if (state.type !== "waiting") throw new Error("not waiting any more");
        expect(state.error.code).to.equal("connect-failed");
        return state.until - clock.now();
      };
      session.start(MIA.passport, MIA.password);
      for (const whole of [5000, 10_000, 20_000, 40_000]) {
        const ms = await delay();
        expect(ms).to.be.within(whole / 2, whole);
        await clock.advance(ms - 1);
        expect(session.state.type).to.equal("waiting");
        await clock.advance(1);
        await until("the next try", () => session.state.type !== "waiting" || session.state.until > clock.now());
      }
      const late = await TestSandbox.start({ accounts: [MIA], ports: { notification, http } });
      await clock.advance(await delay());
      await untilState(session, "connected");
      await steady(clock);
      await late.stop();
      expect(await delay()).to.be.within(2500, 5000);
      expect(notices.told).to.deep.equal([]);
    });

    it("takes its turn where only so many may sign in at once", async () => {
      const limiter = new Limiter(1, 1);
      sandbox.stall("logins", true);
      const first = open(sandbox, limiter);
      const second = open(sandbox, limiter);
      first.session.start(OLGA.passport, OLGA.password);
      second.session.start(MIA.passport, MIA.password);
      expect(second.session.state.type).to.equal("connecting");
      sandbox.stall("logins", false);
      void first.session.stop();
      await first.clock.advance(60_000);
      await untilState(second.session, "connected");
      expect(sandbox.sessions(OLGA.passport)).to.equal(0);
    });

    it("ends for good when the account signs in somewhere else, and tells the owner once", async () => {
      const { session, notices, clock } = open();
      const other = open();
      await session.signIn(MIA.passport, MIA.password);
      await other.session.signIn(MIA.passport, MIA.password);
      await untilState(session, "stopped");
      await clock.advance(3_600_000);
      expect(session.state).to.have.nested.property("error.code", "signed-in-elsewhere");
      expect(notices.told).to.have.length(1);
      expect(notices.told[0]?.sentence).to.match(/^Mia@example\.com signed in to One somewhere else/u);
      expect(other.session.state.type).to.equal("connected");
      expect(other.notices.told).to.deep.equal([]);
    });

    it("ends for good when the password is refused, and tells the owner once", async () => {
      const { session, notices, clock } = open();
      session.start(MIA.passport, "wrong");
      await untilState(session, "stopped");
      await clock.advance(3_600_000);
      expect(session.state).to.have.nested.property("error.code", "bad-credentials");
      expect(notices.told).to.have.length(1);
      expect(notices.told[0]?.sentence).to.match(/^Mia@example\.com was signed out\. One refused/u);
      expect(clock.waiting).to.equal(0);
      await session.signIn(MIA.passport, MIA.password);
      expect(session.state.type).to.equal("connected");
    });
  });

  describe("stopping", () => {
    it("signs out and stays so", async () => {
      const { session, events, clock } = open();
      await session.signIn(MIA.passport, MIA.password);
      void session.stop();
      await until("signed out", () => sandbox.sessions(MIA.passport) === 0);
      await clock.advance(3_600_000);
      expect(session.state).to.deep.equal({ type: "logged-out" });
      expect(clock.waiting).to.equal(0);
      expect(await rejection(session.ping())).to.include({ code: "bad-credentials" });
      const before = events.length;
      sandbox.contact(NILS).setStatus("BSY");
      expect(events).to.have.length(before);
    });

    it("ends the waiting between two tries", async () => {
      const { session, clock } = open(await nowhere());
      session.start(MIA.passport, MIA.password);
      await untilState(session, "waiting");
      void session.stop();
      await clock.advance(0);
      expect(clock.waiting).to.equal(0);
      expect(session.state).to.deep.equal({ type: "logged-out" });
    });

    it("leaves nothing signed in, at whatever moment of signing in it comes", async () => {
      for (let turns = 0; turns < 30; turns += 1) {
        const { session, notices, clock } = open();
        const signingIn = session.signIn(MIA.passport, MIA.password).then(
          () => "signed in",
          () => "failed",
        );
        for (let count = 0; count < turns; count += 1) await new Promise((resolve) => setImmediate(resolve));
        void session.stop();
        expect(session.state, `after ${turns} turns`).to.deep.equal({ type: "logged-out" });
        // Whatever had been under way is over once somebody else has gone the same way.
        const other = open();
        await other.session.signIn(OLGA.passport, OLGA.password);
        void other.session.stop();
        await until(`nobody is left after ${turns} turns`, () => sandbox.sessions(MIA.passport) === 0);
        await clock.advance(1000);
        await signingIn;
        expect(session.state).to.deep.equal({ type: "logged-out" });
        expect(notices.told).to.deep.equal([]);
        expect(clock.waiting, `timers after ${turns} turns`).to.equal(0);
      }
    });
  });

  describe("saying something", () => {
    it("waits for the connection that is being made", async () => {
      const bench = open();
      const { session } = bench;
      const nils = sandbox.contact(NILS);
      session.start(MIA.passport, MIA.password);
      const { delivery, written } = say(bench);
      expect(session.state.type).to.equal("connecting");
      expect(await delivery).to.deep.equal({ state: "delivered" });
      expect(written()).to.equal(1);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(["hello"]);
    });

    it("waits for the next connection where one ends before the first byte", async () => {
      const bench = open();
      const { session, clock } = bench;
      const nils = sandbox.contact(NILS);
      await session.signIn(MIA.passport, MIA.password);
      const { delivery, written, settled } = say(bench);
      // While a switchboard is asked for.
      sandbox.disconnect(MIA.passport);
      await until("its end", async () => {
        await clock.advance(1000);
        return settled();
      });
      expect(await delivery).to.deep.equal({ state: "delivered" });
      expect(written()).to.equal(1);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(["hello"]);
    });

    it("opens another switchboard where one ends before the first byte", async () => {
      const bench = open();
      const nils = sandbox.contact(NILS);
      await bench.session.signIn(MIA.passport, MIA.password);
      const { delivery, written } = say(bench);
      // In the turn in which there is one, so that nobody has come to it yet.
      while (sandbox.boards() === 0) await new Promise((resolve) => setImmediate(resolve));
      sandbox.closeBoards();
      expect(await delivery).to.deep.equal({ state: "delivered" });
      expect(written()).to.equal(1);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(["hello"]);
    });

    it("waits through failed tries, but no longer than two minutes, and then has written nothing", async () => {
      const bench = open(await nowhere());
      const { session, clock } = bench;
      session.start(MIA.passport, MIA.password);
      const { delivery, written, settled } = say(bench);
      for (let second = 0; second < 119; second += 1) await clock.advance(1000);
      await clock.advance(999);
      expect(settled()).to.equal(false);
      await clock.advance(1);
      const fate = await delivery;
      expect(fate).to.have.property("state", "failed");
      expect(fate).to.have.nested.property("error.code", "connection-closed");
      expect(written()).to.equal(0);
    });

    it("counts the time from when it was accepted, but not while there was a session", async () => {
      const bench = open(await nowhere());
      const long = bench.clock.now();
      await bench.clock.advance(100_000);
      bench.session.start(MIA.passport, MIA.password);
      const { settled, delivery } = say(bench, long);
      for (let second = 0; second < 119; second += 1) await bench.clock.advance(1000);
      expect(settled()).to.equal(false);
      await bench.clock.advance(1000);
      expect(await delivery).to.have.property("state", "failed");
      // What comes later and has waited as long elsewhere does not wait again.
      expect(await say(bench, long).delivery).to.have.property("state", "failed");
    });

    it("ends with the session that it waits for, and at once when there is none", async () => {
      const stopped = open();
      stopped.session.start(MIA.passport, "wrong");
      const refused = await say(stopped).delivery;
      expect(refused).to.have.nested.property("error.code", "bad-credentials");
      expect(await say(stopped).delivery).to.deep.equal(refused);

      expect(await say(open()).delivery).to.have.nested.property("error.code", "bad-credentials");
      const gone = open();
      gone.session.start(MIA.passport, MIA.password);
      const waiting = say(gone);
      void gone.session.stop();
      expect(await waiting.delivery).to.have.property("state", "failed");
      expect(waiting.written()).to.equal(0);
      await until("the try to end", () => gone.clock.waiting === 0);
    });
  });
});
