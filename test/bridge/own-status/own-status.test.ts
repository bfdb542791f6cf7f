import { expect } from "chai";
import { Activity } from "../../../src/bridge/presence/activity.ts";
import { OwnStatus } from "../../../src/bridge/own-status/own-status.ts";
import { WantedStatus } from "../../../src/bridge/own-status/wanted-status.ts";
import type { SessionState } from "../../../src/bridge/session/session.ts";
import { MsnError, type Status } from "../../../src/msn/index.ts";
import type { StatusPolicy } from "../../../src/store/logins.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { bridgeScope } from "../../support/scopes.ts";

const ALICE = "@alice:localhost";
const MINUTE = 60_000;

/** A login whose session takes every status, and notes what it was told to show. */
class StatusBench {
  readonly clock = new FakeClock();
  readonly activity = new Activity(this.clock);
  readonly shown: Status[] = [];
  readonly stopping = new AbortController();
  state: SessionState = { type: "connected", since: 0 };
  failure: MsnError | undefined;
  readonly status: OwnStatus;
  readonly #scope = bridgeScope({ clock: this.clock, activity: this.activity, signal: this.stopping.signal });
  readonly #row = this.#scope.store.logins.save({ server: "one", passport: "mia@example.com", owner: ALICE });

  constructor() {
    const current = (): Status => this.shown.at(-1) ?? "FLN";
    const getState = (): SessionState => this.state;
    const session = {
      get state() {
        return getState();
      },
      get status() {
        return current();
      },
      changeStatus: (status: Status): Promise<void> => {
        if (this.failure !== undefined) return Promise.reject(this.failure);
        this.shown.push(status);
        return Promise.resolve();
      },
    };
    const wanted = new WantedStatus(this.#scope, this.#row, { of: () => Promise.resolve() });
    this.status = new OwnStatus({ ...this.#scope, row: this.#row, session }, wanted);
    this.activity.attach({ seenActive: () => this.status.check() });
  }

  get policy(): StatusPolicy | undefined {
    return this.#scope.store.logins.statusPolicy(this.#row.id);
  }

  set policy(policy: StatusPolicy) {
    this.#scope.store.logins.setStatusPolicy(this.#row.id, policy);
  }

  get wantedStatus(): string {
    return this.#scope.store.logins.get(this.#row.id).wantedStatus;
  }

  set wantedStatus(status: string) {
    this.#scope.store.logins.setWantedStatus(this.#row.id, status);
  }

  /** Signs in, as a session does. */
  async connect(): Promise<void> {
    this.shown.push(this.status.wanted);
    this.status.see(this.state);
    await this.clock.advance(0);
  }
}

describe("bridge/own-status/own-status", () => {
  let bench: StatusBench;
  beforeEach(() => void (bench = new StatusBench()));
  afterEach(() => bench.stopping.abort());

  describe("following the presence that Matrix tells", () => {
    it("is online at once, and away half a minute after she has gone", async () => {
      await bench.connect();
      bench.activity.seenPresence(ALICE, "online");
      await bench.clock.advance(0);
      bench.activity.seenPresence(ALICE, "unavailable");
      await bench.clock.advance(29_999);
      expect(bench.shown).to.deep.equal(["AWY", "NLN"]);
      await bench.clock.advance(1);
      bench.activity.seenPresence(ALICE, "offline");
      await bench.clock.advance(60 * MINUTE);
      expect(bench.shown).to.deep.equal(["AWY", "NLN", "AWY"]);
      bench.activity.seenPresence(ALICE, "busy");
      await bench.clock.advance(0);
      expect(bench.shown.at(-1)).to.equal("BSY");
      expect(bench.clock.waiting).to.equal(0);
    });

    it("does not change for one who comes and goes within seconds, nor for what is told twice", async () => {
      bench.activity.seenPresence(ALICE, "online");
      await bench.connect();
      for (let turn = 0; turn < 10; turn += 1) {
        bench.activity.seenPresence(ALICE, "offline");
        bench.activity.seenPresence(ALICE, "offline");
        await bench.clock.advance(20_000);
        bench.activity.seenPresence(ALICE, "online");
        await bench.clock.advance(1000);
      }
      expect(bench.shown).to.deep.equal(["NLN"]);
    });

    it("is not moved by what she writes, and never hidden by itself", async () => {
      bench.activity.seenPresence(ALICE, "unavailable");
      await bench.connect();
      bench.activity.seen(ALICE);
      await bench.clock.advance(10 * MINUTE);
      expect(bench.shown).to.deep.equal(["AWY"]);
    });
  });

  it("follows what she does where no presence comes: online while she is active, away after five minutes", async () => {
    await bench.connect();
    bench.activity.seen("@bob:localhost");
    await bench.clock.advance(0);
    expect(bench.shown).to.deep.equal(["AWY"]);
    bench.activity.seen(ALICE);
    await bench.clock.advance(3 * MINUTE);
    bench.activity.seen(ALICE);
    await bench.clock.advance(5 * MINUTE - 1);
    expect(bench.shown).to.deep.equal(["AWY", "NLN"]);
    await bench.clock.advance(1);
    expect(bench.shown).to.deep.equal(["AWY", "NLN", "AWY"]);
    await bench.clock.advance(60 * MINUTE);
    expect(bench.shown).to.have.length(3);
  });

  it("stays as she sets it until she lets it follow again", async () => {
    bench.activity.seenPresence(ALICE, "online");
    await bench.connect();
    bench.status.choose("LUN");
    bench.activity.seenPresence(ALICE, "offline");
    await bench.clock.advance(MINUTE);
    bench.activity.seenPresence(ALICE, "online");
    await bench.clock.advance(MINUTE);
    expect(bench.shown).to.deep.equal(["NLN", "LUN"]);
    expect([bench.policy, bench.wantedStatus]).to.deep.equal(["manual", "LUN"]);
    bench.status.setPolicy("follow");
    await bench.clock.advance(0);
    expect(bench.shown).to.deep.equal(["NLN", "LUN", "NLN"]);
  });

  it("is always online where she wants that", async () => {
    bench.policy = "always";
    bench.wantedStatus = "BSY";
    await bench.connect();
    bench.activity.seenPresence(ALICE, "offline");
    await bench.clock.advance(MINUTE);
    expect(bench.shown).to.deep.equal(["NLN"]);
  });

  it("changes nothing while there is no session, and signs in with what is right by then", async () => {
    bench.state = { type: "connecting" };
    bench.status.see(bench.state);
    bench.activity.seenPresence(ALICE, "online");
    bench.status.choose("BSY");
    await bench.clock.advance(MINUTE);
    expect(bench.shown).to.deep.equal([]);
    bench.state = { type: "connected", since: 0 };
    await bench.connect();
    expect(bench.shown).to.deep.equal(["BSY"]);
    bench.wantedStatus = "nonsense";
    expect(bench.status.wanted).to.equal("NLN");
  });

  it("tries again a minute after the server refused a change, and not before, whatever she does", async () => {
    await bench.connect();
    bench.failure = new MsnError("server-busy", "too many changes");
    bench.status.choose("BSY");
    await bench.clock.advance(30_000);
    bench.failure = undefined;
    bench.activity.seen(ALICE);
    await bench.clock.advance(29_999);
    expect(bench.shown).to.deep.equal(["AWY"]);
    await bench.clock.advance(1);
    expect(bench.shown).to.deep.equal(["AWY", "BSY"]);
  });

  it("leaves no timer behind when the bridge stops", async () => {
    await bench.connect();
    bench.activity.seen(ALICE);
    await bench.clock.advance(0);
    expect(bench.clock.waiting).to.equal(1);
    bench.stopping.abort();
    bench.activity.seen(ALICE);
    await bench.clock.advance(0);
    expect(bench.clock.waiting).to.equal(0);
  });
});
