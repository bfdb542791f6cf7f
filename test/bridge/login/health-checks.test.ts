import { expect } from "chai";
import { HealthChecks, type WatchedLogin } from "../../../src/bridge/login/health-checks.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { timesOf } from "../../support/calendars.ts";

const MINUTE = 60_000;

describe("bridge/login/health-checks", () => {
  let clock: FakeClock;
  let said: string[];
  let free: number;
  let stopping: AbortController;
  beforeEach(() => {
    clock = new FakeClock();
    [said, free, stopping] = [[], 2 ** 40, new AbortController()];
  });

  function begin(...all: WatchedLogin[]): void {
    const alerts = {
      alert: (kind: string, sentence: string) => void said.push(`${kind}! ${sentence}`),
      over: (kind: string) => void said.push(`${kind} over`),
    };
    const space = { bytes: () => Promise.resolve(free) };
    new HealthChecks({ alerts, ...timesOf(clock), log: silentLog, signal: stopping.signal }, { all }, space).start();
  }

  it("tells of a login that has not come back for an hour, and when it has", async () => {
    const error = new MsnError("connect-failed", "no route");
    const session: { downSince: number | undefined; state: WatchedLogin["session"]["state"] } = {
      downSince: clock.now(),
      state: { type: "waiting", error, until: 0 },
    };
    begin({ row: { id: 7, passport: "mia@example.com" }, network: { name: "One" }, session });
    await clock.advance(60 * MINUTE);
    expect(said.filter((line) => line.startsWith("login"))).to.deep.equal([]);
    await clock.advance(5 * MINUTE);
    expect(said.at(-2)).to.equal(
      "login 7! mia@example.com on One has not been connected to MSN since 2026-01-01 00:00 UTC: no route.",
    );
    Object.assign(session, { downSince: undefined, state: { type: "connected", since: 0 } });
    await clock.advance(5 * MINUTE);
    expect(said.at(-2)).to.equal("login 7 over");
  });

  it("tells of a disk that is nearly full, and when it is not any more", async () => {
    free = 99 * 2 ** 20;
    begin();
    await clock.advance(5 * MINUTE);
    free = 150 * 2 ** 20;
    await clock.advance(5 * MINUTE);
    free = 300 * 2 ** 20;
    await clock.advance(5 * MINUTE);
    expect(said).to.deep.equal([
      "disk! The disk with the database has 99 MiB left. When it is full, the bridge signs out of MSN and takes nothing from Matrix until there is space.",
      "disk over",
    ]);
  });

  it("ends with the bridge", async () => {
    begin();
    stopping.abort();
    await clock.advance(MINUTE);
    expect(clock.waiting).to.equal(0);
  });
});
