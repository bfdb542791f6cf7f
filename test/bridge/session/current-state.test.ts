import { expect } from "chai";
import { CurrentState, LOGGED_OUT } from "../../../src/bridge/session/current-state.ts";
import type { SessionState } from "../../../src/bridge/session/state.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const MINUTE = 60_000;
const error = new MsnError("bad-credentials", "no");

describe("bridge/session/current-state", () => {
  let clock: FakeClock;
  let state: CurrentState;
  beforeEach(() => {
    clock = new FakeClock();
    state = new CurrentState(clock);
  });
  const become = (next: SessionState): void => {
    state.become(next);
    state.announce();
  };

  it("says at once what no wait would change", async () => {
    expect(await state.untilConnected(0)).to.equal(LOGGED_OUT);
    become({ type: "stopped", error });
    expect(await state.untilConnected(0)).to.equal(error);
    become({ type: "connected", since: 0 });
    expect(await state.untilConnected(0)).to.equal(undefined);
  });

  it("waits through all tries for a session, for two minutes from when it broke", async () => {
    become({ type: "connecting" });
    const connected = state.untilConnected(clock.now());
    become({ type: "waiting", error, until: 0 });
    become({ type: "connecting" });
    become({ type: "connected", since: 0 });
    expect(await connected).to.equal(undefined);
    become({ type: "waiting", error, until: 0 });
    const late = state.untilConnected(0);
    await clock.advance(2 * MINUTE);
    expect(await late).to.have.property("message", "the connection to MSN is down");
    expect(clock.waiting).to.equal(0);
  });

  it("does not wait longer for what was written down at a date that is no more", async () => {
    become({ type: "connecting" });
    const late = state.untilConnected(clock.now() + 60 * MINUTE);
    await clock.advance(2 * MINUTE);
    expect(await late).to.be.instanceOf(MsnError);
  });

  it("knows since when there is no session, across its tries", () => {
    const began = clock.now();
    become({ type: "connecting" });
    expect(state.downSince).to.equal(began);
    become({ type: "waiting", error, until: 0 });
    expect(state.downSince).to.equal(began);
    become({ type: "connected", since: 0 });
    expect(state.downSince).to.equal(undefined);
  });
});
