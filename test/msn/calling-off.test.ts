import { expect } from "chai";
import { SessionLimits } from "../../src/bridge/session/session-limits.ts";
import { Session } from "../../src/bridge/session/session.ts";
import { dialTcp, MsnClient, MsnError, type Dial, type Fetch } from "../../src/msn/index.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FickleServer, type Step } from "../support/fickle-server.ts";
import { GOOD_PASSPORT, LOGIN, NEXUS } from "../support/memory-msn.ts";
import { rejection } from "../support/rejection.ts";
import { accountScope, loginRow, testNetwork } from "../support/scopes.ts";
import { until } from "../support/until.ts";

const MIA = "mia@example.com";
const [MOVED_NEXUS, MOVED_LOGIN] = ["https://msn.example.net/nexus-2", "https://msn.example.net/login-2"];

const redirectTo = (location: string): Response => new Response(null, { status: 302, headers: { location } });

/** What falls silent: a step of the notification server, or a page; and what the pages before it answer. */
interface Silence {
  readonly step?: Step;
  readonly page?: string;
  readonly pages?: Record<string, () => Response>;
  /** The page sends its head, and then the body does not end. */
  readonly hasHead?: boolean;
}

const SILENCES: Readonly<Record<string, Silence>> = {
  "a server that takes the connection": { step: "accept" },
  "a server after VER": { step: "VER" },
  "a server after CVR": { step: "CVR" },
  "a nexus": { page: NEXUS },
  "a nexus behind a redirect": { page: MOVED_NEXUS, pages: { [NEXUS]: () => redirectTo(MOVED_NEXUS) } },
  "a login page": { page: LOGIN },
  "a login page in the middle of its body": { page: LOGIN, hasHead: true },
  "a login page behind a redirect": { page: MOVED_LOGIN, pages: { [LOGIN]: () => redirectTo(MOVED_LOGIN) } },
  "a server after USR S": { step: "USR S" },
  "a server after SYN": { step: "SYN" },
};

describe("signing in that is called off", () => {
  let server: FickleServer;
  let clock: FakeClock;
  let asked: string[];
  let answerLate: Array<() => void>;
  beforeEach(async () => {
    server = await FickleServer.start();
    clock = new FakeClock();
    [asked, answerLate] = [[], []];
  });
  afterEach(() => server.stop());

  // It does not care for the signal: whoever hands in a `fetch` may not either.
  function passport({ page, pages = {}, hasHead = false }: Silence): Fetch {
    const answers: Record<string, () => Response> = { ...GOOD_PASSPORT, ...pages };
    return async (url) => {
      asked.push(url);
      const { promise, resolve } = Promise.withResolvers<void>();
      if (url !== page) return answers[url]?.() ?? new Response(null, { status: 404 });
      answerLate.push(resolve);
      if (!hasHead) await promise;
      const body = new ReadableStream({ cancel: () => promise });
      return new Response(hasHead ? body : null, { status: 302, headers: { location: MOVED_LOGIN } });
    };
  }

  const isSilent = ({ step, page }: Silence): boolean => {
    if (page !== undefined) return asked.includes(page);
    return step === "accept"
      ? server.dials > 0 && server.heard.length > 0
      : server.heard.length >= AFTER[step ?? "VER"];
  };
  // How much is heard once the server has fallen silent, as the next command comes.
  const AFTER: Readonly<Record<Step, number>> = { accept: 1, VER: 2, CVR: 3, "USR I": 4, "USR S": 5, SYN: 6, CHG: 7 };

  /** Begins to sign in in one of the ways in which that can be called off. */
  type Begin = (silence: Silence) => { signedIn: Promise<unknown>; callOff: () => void; end: () => Promise<unknown> };

  function newClient(silence: Silence, dial: Dial = dialTcp): MsnClient {
    const where = { host: "127.0.0.1", port: server.port, nexusUrl: NEXUS };
    const fetch = passport(silence);
    return new MsnClient({ server: where, account: MIA, password: "secret", clock, dial, fetch });
  }

  function newSession(silence: Silence): Session {
    const network = testNetwork({ port: server.port, nexusUrl: NEXUS, fetch: passport(silence) });
    const scope = accountScope({ row: loginRow({ passport: MIA }), network, clock });
    return new Session(scope, new SessionLimits(clock), { prepare: () => Promise.resolve(), statusAfter: () => "NLN" });
  }

  const WAYS: Readonly<Record<string, Begin>> = {
    "by disconnect": (silence) => {
      const client = newClient(silence);
      const callOff = (): void => void client.disconnect();
      return { signedIn: client.connect(), callOff, end: () => client.disconnect() };
    },
    "by a signal": (silence) => {
      const client = newClient(silence);
      const controller = new AbortController();
      const signedIn = client.connect("NLN", controller.signal);
      return { signedIn, callOff: () => controller.abort(), end: () => client.disconnect() };
    },
    "by a command that is cancelled": (silence) => {
      const session = newSession(silence);
      const controller = new AbortController();
      const signedIn = session.signIn(MIA, "secret", controller.signal);
      const callOff = (): void => controller.abort(new MsnError("connection-closed", "cancelled"));
      return { signedIn, callOff, end: () => session.stop() };
    },
    "by a logout, or the end of the bridge": (silence) => {
      const session = newSession(silence);
      return { signedIn: session.signIn(MIA, "secret"), callOff: () => void session.stop(), end: () => session.stop() };
    },
    "by the end of a login that is tried again and again": (silence) => {
      const session = newSession(silence);
      session.start(MIA, "secret");
      const ended = session.conversation({ conversationOn: (client) => client.conversation("nils@example.com") });
      return { signedIn: ended, callOff: () => void session.stop(), end: () => session.stop() };
    },
  };

  for (const [name, silence] of Object.entries(SILENCES)) {
    for (const [way, begin] of Object.entries(WAYS)) {
      it(`${way} ends at once, and sends nothing more, before ${name} that is silent`, async () => {
        if (silence.step !== undefined) server.turn(silence.step, "falls silent");
        const { signedIn, callOff, end } = begin(silence);
        const failed = rejection(signedIn);
        await until("silence", () => isSilent(silence));
        // What has been written is heard before that is compared.
        await until("a connection", () => server.connections === 1);
        const before = { heard: [...server.heard], asked: [...asked] };
        callOff();
        // No time passes by the clock: what ends, ends by itself.
        expect(await failed).to.be.instanceOf(MsnError);
        await clock.advance(0);
        for (const answer of answerLate) answer();
        await until("the end of the connection", () => server.connections === 0);
        expect({ heard: server.heard, asked }).to.deep.equal(before);
        await end();
        await clock.advance(1000);
        expect(clock.waiting).to.equal(0);
      });
    }
  }

  it("ends at once while nobody answers the call, and a connection that comes later is closed", async () => {
    for (const way of ["disconnect", "signal"] as const) {
      const late = Promise.withResolvers<Awaited<ReturnType<Dial>>>();
      const called = Promise.withResolvers<void>();
      const client = newClient({}, () => {
        called.resolve();
        return late.promise;
      });
      const controller = new AbortController();
      const failed = rejection(client.connect("NLN", controller.signal));
      await called.promise;
      if (way === "signal") controller.abort();
      else void client.disconnect();
      expect(await failed)
        .to.be.instanceOf(MsnError)
        .with.property("code", "connection-closed");
      const { heard } = server;
      late.resolve(await dialTcp("127.0.0.1", server.port));
      await until("the end of the connection", () => server.dials > 0 && server.connections === 0);
      expect(heard).to.deep.equal([]);
      expect(asked).to.deep.equal([]);
    }
  });

  it("is not begun with a signal that is aborted already", async () => {
    const client = newClient({});
    expect(await rejection(client.connect("NLN", AbortSignal.abort()))).to.include({ code: "connection-closed" });
    expect([server.dials, asked.length]).to.deep.equal([0, 0]);
    await client.connect();
    expect(client.isConnected).to.equal(true);
    await client.disconnect();
    await clock.advance(1000);
  });
});
