import { duplexPair } from "node:stream";
import { expect } from "chai";
import type { Address } from "../../../src/msn/base/address.ts";
import type { MsnError } from "../../../src/msn/base/errors.ts";
import { NO_LOG } from "../../../src/msn/base/log.ts";
import { RosterKeeper } from "../../../src/msn/contacts/roster-keeper.ts";
import { DIALECTS } from "../../../src/msn/index.ts";
import { Connection } from "../../../src/msn/net/connection.ts";
import { FlowControl } from "../../../src/msn/net/flow-control.ts";
import { AccountSession, type SwitchboardPace } from "../../../src/msn/session/account-session.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";
import { playServer, transcript } from "../../support/transcript.ts";

const LOGIN = transcript("login");
const dialect = DIALECTS.MSNP8;

interface Bench {
  readonly session: AccountSession;
  /** Where it has connected to. */
  readonly called: Address[];
  /** Why sessions have ended without its doing. */
  readonly ends: MsnError[];
}

/** @param texts what the servers play, one connection after the other */
function setUp(texts: readonly string[], pace?: SwitchboardPace): Bench {
  const clock = new FakeClock();
  const called: Address[] = [];
  const ends: MsnError[] = [];
  const scope = {
    account: "mia@example.com",
    clock,
    log: NO_LOG,
    dialect,
    opener: {
      open: (address: Address) => {
        const [stream, far] = duplexPair();
        void playServer(far, texts[called.length] ?? "").catch(() => far.destroy());
        called.push(address);
        const connection = new Connection({ stream, payloadCommands: dialect.payloadCommands, clock, log: NO_LOG });
        return Promise.resolve(connection);
      },
      flow: new FlowControl(clock),
    },
    tickets: { get: () => Promise.resolve("f894367a91ac33850b8f") },
    roster: new RosterKeeper({ report: () => undefined }),
    listener: {
      report: () => undefined,
      onRing: () => undefined,
      onSessionEnd: (error: MsnError) => void ends.push(error),
    },
  };
  return { session: new AccountSession(scope, { host: "ns", port: 1863 }, pace), called, ends };
}

describe("msn/session/account-session", () => {
  it("has a status only while there is a session, and asks nothing without one", async () => {
    const { session } = setUp([LOGIN]);
    expect(session).to.include({ isConnected: false, status: "FLN", name: undefined, lastHeard: undefined });
    expect(await rejection(session.ping())).to.include({ code: "connection-closed" });
    await session.connect("NLN", undefined);
    expect(session).to.include({ isConnected: true, status: "NLN" });
    expect(await rejection(session.connect("NLN", undefined))).to.include({ code: "rejected" });
    session.disconnect();
    expect(session).to.include({ isConnected: false, status: "FLN" });
  });

  it("begins the next session, and only that, where the server has sent it", async () => {
    // Sent behind the last answer of signing in, it could come before that is over.
    const { session, called, ends } = setUp([`${LOGIN}C: PNG\nS: XFR 0 NS other:1864\n`, LOGIN, LOGIN]);
    await session.connect("NLN", undefined);
    expect(await rejection(session.ping())).to.include({ code: "connection-closed" });
    expect(ends).to.have.length(1);
    expect(session.isConnected).to.equal(false);
    await session.connect("NLN", undefined);
    session.disconnect();
    await session.connect("NLN", undefined);
    session.disconnect();
    expect(called.map(({ host, port }) => `${host}:${port}`)).to.deep.equal(["ns:1863", "other:1864", "ns:1863"]);
    expect(ends).to.have.length(1);
  });

  it("asks for no switchboard when its turn does not come", async () => {
    const { session } = setUp([LOGIN], { takeTurn: () => Promise.resolve(false) });
    await session.connect("NLN", undefined);
    const refused = await rejection(session.requestSwitchboard(new AbortController().signal));
    expect(refused).to.include({ code: "limited" });
    session.disconnect();
  });
});
