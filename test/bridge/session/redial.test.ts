import { expect } from "chai";
import { Redial } from "../../../src/bridge/session/redial.ts";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import { Session } from "../../../src/bridge/session/session.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FickleServer, type Step, type Whim } from "../../support/fickle-server.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch, LOGIN } from "../../support/memory-msn.ts";
import { accountScope, loginRow, testNetwork } from "../../support/scopes.ts";
import { until } from "../../support/until.ts";

const MINUTE = 60_000;
const [MIA, PASSWORD] = ["mia@example.com", "secret"];

describe("bridge/session/redial", () => {
  it("makes a connection again at once when it breaks once, and with growing delays until one has lasted", () => {
    const redial = new Redial();
    expect(redial.afterSession(0)).to.equal(0);
    for (const [lasted, whole] of [
      [0, 5000],
      [10_000, 10_000],
      [2 * MINUTE - 1, 20_000],
    ] as const)
      expect(redial.afterSession(lasted)).to.be.within(whole / 2, whole);
    expect(redial.afterFailure()).to.be.within(20_000, 40_000);
    expect(redial.afterSession(2 * MINUTE)).to.equal(0);
    expect(redial.afterSession(1000)).to.be.within(2500, 5000);
    for (let times = 0; times < 10; times += 1) redial.afterFailure();
    expect(redial.afterFailure()).to.be.within(150_000, 300_000);
  });
});

describe("an account whose server takes it and drops it", () => {
  let server: FickleServer;
  let clock: FakeClock;
  const sessions: Session[] = [];
  beforeEach(async () => {
    server = await FickleServer.start();
    clock = new FakeClock();
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) void session.stop();
    await clock.advance(5000);
    await server.stop();
  });

  function open(passport: Record<string, () => Response> = GOOD_PASSPORT, limits = new SessionLimits(clock)): Session {
    const { fetch } = passportFetch(passport);
    const network = testNetwork({ port: server.port, nexusUrl: NEXUS, fetch, throttles: true });
    const row = loginRow({ id: sessions.length + 1 });
    const session = new Session(accountScope({ row, network, clock }), limits, {
      prepare: () => Promise.resolve(),
      statusAfter: () => "NLN",
    });
    sessions.push(session);
    return session;
  }

  /** Goes from one try to the next, for so long by the clock. */
  async function pass(session: Session, ms: number): Promise<void> {
    const end = clock.now() + ms;
    while (clock.now() < end) {
      const { state } = session;
      if (state.type === "waiting") await clock.advance(Math.min(state.until, end) - clock.now());
      else await until("the next rest", () => session.state.type === "waiting");
    }
  }

  const KINDS: ReadonlyArray<readonly [step: Step, whim: Whim, most: number]> = [
    ["accept", "closes", 8],
    ["USR I", "closes", 8],
    ["USR I", "refers to itself", 36],
    ["USR S", "closes", 8],
    ["USR S", "resets", 8],
    ["USR S", "says OUT SSD", 8],
    ["SYN", "closes", 8],
    ["CHG", "closes", 8],
    ["CHG", "resets", 8],
    ["CHG", "says OUT SSD", 8],
    ["CHG", "refers to itself", 8],
  ];
  for (const [step, whim, most] of KINDS) {
    it(`calls it a few times in 40 seconds, and seldom later, when it ${whim} after ${step}`, async () => {
      server.turn(step, whim);
      const session = open();
      session.start(MIA, PASSWORD);
      await pass(session, 40_000);
      expect(server.dials).to.be.within(3, most);
      const before = server.dials;
      await pass(session, 60 * MINUTE);
      // A try takes six connections where the server refers.
      expect((server.dials - before) / (whim === "refers to itself" && step === "USR I" ? 6 : 1)).to.be.within(12, 32);
      server.turn();
      await until("a session", async () => {
        const { state } = session;
        if (state.type === "waiting") await clock.advance(state.until - clock.now());
        return session.state.type === "connected";
      });
    });
  }

  it("calls it a few times when every session ends after ten seconds", async () => {
    const session = open();
    session.start(MIA, PASSWORD);
    const end = clock.now() + 10 * MINUTE;
    while (clock.now() < end) {
      const { since } = await until("a session", () => session.state.type === "connected" && session.state);
      await clock.advance(10_000);
      server.drop();
      // The next one may be there at once.
      await until("its end", () => session.state.type !== "connected" || session.state.since !== since);
      if (session.state.type === "waiting") await clock.advance(session.state.until - clock.now());
    }
    expect(server.dials).to.be.within(4, 12);
  });

  it("asks its login service a few times when that fails", async () => {
    for (const [name, answer] of [
      ["500", () => new Response(null, { status: 500 })],
      ["no ticket", () => new Response(null)],
      ["a redirect to nowhere", () => new Response(null, { status: 302, headers: { location: "ftp://x" } })],
    ] as const) {
      let asked = 0;
      const session = open({
        ...GOOD_PASSPORT,
        [LOGIN]: () => {
          asked += 1;
          return answer();
        },
      });
      session.start(MIA, PASSWORD);
      await pass(session, 40_000);
      expect(asked, name).to.be.within(3, 8);
      void session.stop();
    }
  });

  it("shares the pace of its server with all other accounts there: at the start, and when all are dropped at once", async () => {
    const limits = new SessionLimits(clock);
    const all = Array.from({ length: 16 }, () => open(GOOD_PASSPORT, limits));
    const connected = (): number => all.filter(({ state }) => state.type === "connected").length;
    for (const session of all) session.start(MIA, PASSWORD);
    for (let round = 0; round < 2; round += 1) {
      const before = round * all.length;
      for (let count = 10; count <= all.length; count += 1) {
        await until(`${count} sessions`, () => connected() === count);
        expect(server.dials - before).to.equal(count);
        await clock.advance(500);
      }
      await clock.advance(MINUTE);
      expect(connected()).to.equal(all.length);
      if (round > 0) return;
      server.drop();
      await until("all are dropped", () => server.dials > all.length);
    }
  });
});
