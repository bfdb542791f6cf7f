import { join } from "node:path";
import { expect } from "chai";
import { AbsenceWatch } from "../../../src/bridge/login/absence.ts";
import { ManagementRooms } from "../../../src/bridge/bot/management-rooms.ts";
import { Notices } from "../../../src/bridge/bot/notices.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { systemClock, type Clock, type Timer } from "../../../src/util/clock.ts";
import { silentLog } from "../../../src/util/log.ts";
import { captureLog } from "../../support/captured-log.ts";
import { EagerClock } from "../../support/eager-clock.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { coreScope } from "../../support/scopes.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";
import { timesOf } from "../../support/calendars.ts";

const HOUR = 60 * 60_000;
const ANNA = "@anna:example.org";
const BOB = "@bob:example.org";

describe("bridge/login/absence", () => {
  const folder = tempFolder();
  after(folder.remove);
  let clock: FakeClock;
  let store: Store;
  let said: string[];
  let there: Set<string>;
  let signedIn: string[];
  let stopping: AbortController;
  beforeEach(() => {
    clock = new FakeClock();
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), ...timesOf(clock) });
    [said, there, signedIn, stopping] = [[], new Set([ANNA, BOB]), [ANNA, BOB], new AbortController()];
  });
  afterEach(() => {
    stopping.abort();
    store.close();
  });

  function begin(isThere = (owner: string) => Promise.resolve(there.has(owner))): void {
    const owners = {
      all: () => signedIn,
      isThere,
      signOut: (owner: string): Promise<void> => {
        signedIn = signedIn.filter((one) => one !== owner);
        said.push(`${owner} signed out`);
        return Promise.resolve();
      },
    };
    const alerts = {
      alert: (kind: string) => void said.push(`${kind}!`),
      over: (kind: string) => void said.push(`${kind} over`),
    };
    new AbsenceWatch({ store, alerts, ...timesOf(clock), log: silentLog, signal: stopping.signal }, owners).start();
  }

  it("tells once of somebody who is in no room any more, and signs them out a day later", async () => {
    begin();
    await clock.advance(5 * HOUR);
    there.delete(BOB);
    await clock.advance(23 * HOUR);
    expect(said).to.deep.equal([`absent ${BOB}!`]);
    await clock.advance(2 * HOUR);
    expect(said).to.deep.equal([`absent ${BOB}!`, `${BOB} signed out`]);
    await clock.advance(48 * HOUR);
    expect(said).to.have.length(2);
  });

  it("lets those be who come back, and begins anew when they leave again", async () => {
    begin();
    there.delete(BOB);
    await clock.advance(20 * HOUR);
    there.add(BOB);
    await clock.advance(20 * HOUR);
    there.delete(BOB);
    await clock.advance(20 * HOUR);
    expect(said).to.deep.equal([`absent ${BOB}!`, `absent ${BOB} over`, `absent ${BOB}!`]);
  });

  for (const byDays of [1, -1, 400]) {
    it(`gives them their day where the machine's date is set by ${byDays} days`, async () => {
      begin();
      there.delete(BOB);
      await clock.advance(2 * HOUR);
      clock.setDate(byDays * 24 * HOUR);
      await clock.advance(21 * HOUR);
      expect(said).to.deep.equal([`absent ${BOB}!`]);
      await clock.advance(2 * HOUR);
      expect(said).to.deep.equal([`absent ${BOB}!`, `${BOB} signed out`]);
    });
  }

  it("begins anew with what an earlier version wrote down as a date", async () => {
    store.said.once(BOB, `absent since ${clock.epochMs()}`);
    there.delete(BOB);
    begin();
    await clock.advance(23 * HOUR);
    expect(said).to.deep.equal([`absent ${BOB}!`]);
    there.add(BOB);
    await clock.advance(HOUR);
    expect(store.said.list(BOB)).to.deep.equal([]);
  });

  it("looks for everybody, whatever goes wrong for one", async () => {
    begin((owner) => (owner === ANNA ? Promise.reject(new Error("broken")) : Promise.resolve(false)));
    await clock.advance(25 * HOUR);
    expect(said).to.deep.equal([`absent ${BOB}!`, `${BOB} signed out`]);
  });

  it("goes on after a restart, and takes a homeserver that is away for no sign", async () => {
    there.delete(BOB);
    begin();
    await clock.advance(HOUR);
    stopping.abort();
    stopping = new AbortController();
    let isAway = true;
    begin((owner) => (isAway ? Promise.reject(new Error("away")) : Promise.resolve(there.has(owner))));
    await clock.advance(30 * HOUR);
    expect(said).to.deep.equal([`absent ${BOB}!`]);
    isAway = false;
    await clock.advance(HOUR);
    expect(said).to.deep.equal([`absent ${BOB}!`, `${BOB} signed out`]);
  });
});

describe("a homeserver that lets somebody not be invited any more", () => {
  const folder = tempFolder();
  after(folder.remove);

  it("is asked once for what the bot has to say, after it was asked four times", async () => {
    const clock = new EagerClock();
    const store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), ...timesOf(clock) });
    const captured = captureLog();
    let asked = 0;
    class RefusedRooms extends ManagementRooms {
      override async roomFor(): Promise<never> {
        asked += 1;
        return Promise.reject(new MatrixError("forbidden", "This user has been deactivated"));
      }
    }
    const scope = coreScope({ store, clock, log: captured.log });
    const notices = new Notices(scope, new RefusedRooms(scope));
    const counts: number[] = [];
    for (const owner of [BOB, BOB, BOB, ANNA, BOB]) {
      asked = 0;
      notices.tell(owner, "x");
      await until("that it is given up", () => !notices.isSpeaking(owner));
      counts.push(asked);
    }
    expect(counts).to.deep.equal([4, 1, 1, 4, 1]);
    expect(captured.messages("error")).to.have.length(5);
    await notices.stop();
    store.close();
  });
});

/** The system's clock, on which the regular look happens when a test says so, however late it is by then. */
class LookClock implements Clock {
  #look: (() => void) | undefined;
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  after(ms: number, run: () => void): Timer {
    if (ms !== HOUR / 2) return systemClock.after(ms, run);
    this.#look = run;
    return { cancel: () => (this.#look = undefined) };
  }

  /** @param ms how much later it is */
  async look(ms: number): Promise<void> {
    this.#aheadMs += ms;
    const run = await until("the next look", () => this.#look);
    this.#look = undefined;
    run();
    await until("that it is over", () => this.#look !== undefined);
  }
}

describe("an owner who leaves every room", () => {
  it("is missed although contacts have new rooms made, and signed out after a day", async () => {
    const bridge = await TestBridge.open();
    const clock = new LookClock();
    try {
      await bridge.start(clock);
      const management = await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "one");
      const room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "one");
      bridge.alice.leave(management);
      const missed = (): number =>
        bridge.captured.messages("error").filter((line) => line.includes("is in no room of this bridge")).length;
      await clock.look(HOUR);
      expect(missed(), "with a room left").to.equal(0);
      bridge.alice.leave(room);
      await nils.say(MIA.passport, "two");
      await until("a new room", () => bridge.alice.invites().length > 0);
      await clock.look(HOUR);
      await clock.look(HOUR);
      expect(missed()).to.equal(1);
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(1);
      await clock.look(24 * HOUR);
      await until("signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
    } finally {
      await bridge.close();
    }
  });
});
