import { expect } from "chai";
import { FullDisk } from "../../../src/bridge/login/full-disk.ts";
import type { RestState } from "../../../src/bridge/session/state.ts";
import type { Session, SessionState } from "../../../src/bridge/session/session.ts";
import type { DiskState } from "../../../src/store/disk.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** A login that writes down what is asked of it. */
class FakeLogin {
  readonly asked: string[] = [];
  #state: SessionState;
  readonly session: Pick<Session, "read" | "state">;

  constructor(state: SessionState) {
    this.#state = state;
    const get = (): SessionState => this.#state;
    this.session = {
      get state() {
        return get();
      },
      read: (isRead) => (isRead ? this.ask("read") : void this.asked.push("pause")),
    };
  }

  /** What fails. */
  broken: "retry" | "read" | "reconnect" | undefined;
  onRetry = (): void => undefined;
  readonly unstored = {
    retry: (): void => {
      this.ask("retry");
      this.onRetry();
    },
  };

  ask(what: "retry" | "read" | "reconnect"): void {
    if (this.broken === what) throw new Error("there is no such row");
    this.asked.push(what);
  }

  leave(next: RestState): Promise<void> {
    this.#state = next;
    this.asked.push(`stop: ${next.type}`);
    return Promise.resolve();
  }
}

describe("bridge/login/full-disk", () => {
  let clock: FakeClock;
  let state: DiskState;
  let hasRoom: boolean;
  let change: () => void;
  let told: string[];
  const stopped = new MsnError("bad-credentials", "no");
  const error = new MsnError("timeout", "no");
  let logins: Record<"connected" | "waiting" | "out" | "ended", FakeLogin>;

  function open(): FullDisk<FakeLogin> {
    const disk = {
      get state() {
        return state;
      },
      onChange: (listener: () => void) => void (change = listener),
      recover: () => {
        if (hasRoom) state = "fine";
        return hasRoom;
      },
    };
    const reconnect = (login: FakeLogin): boolean => {
      login.ask("reconnect");
      return true;
    };
    const teller = {
      alert: (kind: string) => void told.push(`alert ${kind}`),
      over: (kind: string) => void told.push(`over ${kind}`),
    };
    const { signal } = new AbortController();
    const scope = { store: { disk }, alerts: teller, clock, log: silentLog, signal };
    const paused = {
      get all() {
        return Object.values(logins);
      },
      reconnect,
    };
    return new FullDisk(scope, paused, { leave: (login: FakeLogin, next: RestState) => login.leave(next) });
  }

  function fill(): void {
    state = "full";
    change();
  }

  const asked = (): Record<string, string> =>
    Object.fromEntries(Object.entries(logins).map(([name, login]) => [name, login.asked.join(", ")]));

  beforeEach(() => {
    clock = new FakeClock();
    [state, hasRoom, told] = ["fine", false, []];
    logins = {
      connected: new FakeLogin({ type: "connected", since: 0 }),
      waiting: new FakeLogin({ type: "waiting", error, until: 0 }),
      out: new FakeLogin({ type: "logged-out" }),
      ended: new FakeLogin({ type: "stopped", error: stopped }),
    };
  });

  it("only stops reading where there is room again in a moment", async () => {
    open();
    fill();
    fill();
    hasRoom = true;
    await clock.advance(60_000);
    expect(asked()["connected"]).to.equal("pause, retry, read");
    expect(clock.waiting).to.equal(0);
  });

  it("signs out what is, or wants to be, signed in, and signs it in again once there is room", async () => {
    open();
    fill();
    expect(asked()).to.deep.equal({ connected: "pause", waiting: "pause", out: "pause", ended: "pause" });
    await clock.advance(60_000);
    const both = "pause, stop: hindered";
    expect(asked()).to.deep.equal({ connected: both, waiting: both, out: "pause", ended: "pause" });
    expect(told).to.deep.equal(["alert full disk"]);
    // Its user has logged out meanwhile.
    await logins.waiting.leave({ type: "logged-out" });
    hasRoom = true;
    await clock.advance(5000);
    expect(asked()).to.deep.equal({
      connected: `${both}, retry, read, reconnect`,
      waiting: `${both}, stop: logged-out, retry, read`,
      out: "pause, retry, read",
      ended: "pause, retry, read",
    });
    expect(told).to.deep.equal(["alert full disk", "over full disk"]);
    expect(clock.waiting).to.equal(0);
  });

  it("is ready for the next time, and gives up where the disk breaks", async () => {
    open();
    for (const time of [1, 2]) {
      hasRoom = false;
      fill();
      await clock.advance(7000);
      expect(told.filter((words) => words.startsWith("alert"))).to.have.length(time);
      hasRoom = true;
      await clock.advance(5000);
    }
    hasRoom = false;
    fill();
    state = "broken";
    await clock.advance(60_000);
    expect(clock.waiting).to.equal(0);
  });

  it("has the others go on where one cannot", async () => {
    open();
    for (const how of ["retry", "read", "reconnect"] as const) {
      logins.connected = new FakeLogin({ type: "connected", since: 0 });
      logins.waiting = new FakeLogin({ type: "waiting", error, until: 0 });
      [hasRoom, logins.connected.broken] = [false, how];
      fill();
      await clock.advance(7000);
      hasRoom = true;
      await clock.advance(5000);
      expect(asked()["waiting"]).to.equal("pause, stop: hindered, retry, read, reconnect");
      expect(told.at(-1)).to.equal("over full disk");
    }
  });

  it("reads nothing, and signs nobody in, where what waited has filled the disk again", async () => {
    open();
    fill();
    await clock.advance(7000);
    hasRoom = true;
    logins.connected.onRetry = () => {
      hasRoom = false;
      fill();
    };
    await clock.advance(20_000);
    // The others have not been asked for anything new but what they hold.
    expect(asked()["waiting"]).to.equal("pause, stop: hindered, pause, retry");
    hasRoom = true;
    logins.connected.onRetry = () => undefined;
    await clock.advance(5000);
    expect(asked()["waiting"]).to.match(/retry, read, reconnect$/u);
    expect(asked()["connected"]).to.match(/retry, read, reconnect$/u);
    expect(told.at(-1)).to.equal("over full disk");
  });

  it("does not let logins sign in that were started while it is full", () => {
    state = "full";
    open().start();
    expect(asked()["connected"]).to.equal("pause, stop: hindered");
  });
});
