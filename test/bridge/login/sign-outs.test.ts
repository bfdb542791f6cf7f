import { expect } from "chai";
import Sqlite from "better-sqlite3";
import type { Topic } from "../../../src/bridge/base/owner-notices.ts";
import { Login } from "../../../src/bridge/login/login.ts";
import { SharedLimits } from "../../../src/bridge/login/shared-limits.ts";
import { SignOuts } from "../../../src/bridge/login/sign-outs.ts";
import type { BridgeScope } from "../../../src/bridge/scope/bridge-scope.ts";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import { Session, type SessionState } from "../../../src/bridge/session/session.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { rejection } from "../../support/rejection.ts";
import { accountScope, askingScope, testNetwork, ToldNotices } from "../../support/scopes.ts";
import { SETTINGS } from "../../support/settings.ts";

const ALICE = "@alice:localhost";
const HINDERED = { type: "hindered", error: new MsnError("connection-closed", "the disk is full") } as const;

/** A session that ends as it is told to. */
class EndingSession extends Session {
  /** What it was told to become. */
  readonly ends: Array<SessionState["type"]> = [];
  /** Whether the contacts were heard out. */
  end: Promise<boolean> = Promise.resolve(true);
  now: SessionState = { type: "connected", since: 0 };

  constructor(clock: FakeClock) {
    super(accountScope({ clock }), new SessionLimits(clock), {
      prepare: () => Promise.resolve(),
      statusAfter: () => "NLN",
    });
  }

  override get state(): SessionState {
    return this.now;
  }

  override async stop(next: SessionState = { type: "logged-out" }): Promise<boolean> {
    this.ends.push(next.type);
    return this.end;
  }
}

class TestLogin extends Login {
  override readonly session: EndingSession;
  /** How what it does ends. */
  finishing: Promise<void> = Promise.resolve();

  constructor(scope: BridgeScope, passport: string, clock: FakeClock) {
    super(
      scope,
      scope.store.logins.save({ server: "one", passport, owner: ALICE }),
      testNetwork(),
      new SharedLimits(scope),
    );
    this.session = new EndingSession(clock);
  }

  override async stop(): Promise<void> {
    return this.finishing;
  }
}

/** Tells nothing while the disk is full. */
class DiskNotices extends ToldNotices {
  isFull = false;

  override tell(owner: string, sentence: string, topic?: Topic): void {
    if (this.isFull) throw new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
    super.tell(owner, sentence, topic);
  }
}

describe("bridge/login/sign-outs", () => {
  let disk: FullDisk;
  let clock: FakeClock;
  let notices: DiskNotices;
  let stopping: AbortController;
  let scope: BridgeScope;
  /** Settles once the homeserver turns out to be away. */
  let away: PromiseWithResolvers<never>;
  let mia: TestLogin;
  let olga: TestLogin;
  let signOuts: SignOuts;

  beforeEach(() => {
    away = Promise.withResolvers();
    away.promise.catch(() => undefined);
    [disk, clock, notices, stopping] = [new FullDisk(), new FakeClock(), new DiskNotices(), new AbortController()];
    const settings = { ...SETTINGS, spaces: true };
    scope = askingScope(async () => away.promise, { clock, notices, settings, signal: stopping.signal });
    mia = new TestLogin(scope, "mia@example.com", clock);
    olga = new TestLogin(scope, "olga@example.com", clock);
    signOuts = new SignOuts(scope, { all: [mia, olga] });
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
    disk.restore();
  });

  const told = (): string[] => notices.told.map(({ owner, sentence }) => `${owner}: ${sentence}`);

  describe("leaving one account", () => {
    it("tells its owner nothing where everybody was heard out", async () => {
      await signOuts.leave(mia);
      expect([mia.session.ends, olga.session.ends, told()]).to.deep.equal([["logged-out"], [], []]);
    });

    for (const next of [undefined, HINDERED]) {
      const type = next?.type ?? "logged-out";
      it(`tells its owner once where contacts were still speaking, and leaves it ${type}`, async () => {
        mia.session.end = Promise.resolve(false);
        await signOuts.leave(mia, next);
        expect(mia.session.ends).to.deep.equal([type]);
        expect(told().join("\n")).to.match(/^@alice:localhost: .*One.*did not hear the end of it.*$/u);
      });
    }

    it("tells it once the disk has room, where it is left because the disk is full", async () => {
      mia.session.end = Promise.resolve(false);
      notices.isFull = true;
      await signOuts.leave(mia, HINDERED);
      await clock.advance(60_000);
      expect(told()).to.deep.equal([]);
      notices.isFull = false;
      await clock.advance(10_000);
      expect(told()).to.have.length(1);
    });
  });

  describe("finishing what is under way", () => {
    it("waits for all logins, also where one of them fails", async () => {
      const slow = Promise.withResolvers<void>();
      mia.finishing = Promise.reject(new Error("broken"));
      olga.finishing = slow.promise;
      let isOver = false;
      const finishing = rejection(signOuts.finish().finally(() => (isOver = true)));
      await clock.advance(0);
      expect(isOver).to.equal(false);
      slow.resolve();
      expect((await finishing).message).to.equal("broken");
    });

    it("gives up connections that are still being made, and keeps those that there are", async () => {
      mia.session.now = { type: "connecting" };
      await signOuts.finish();
      expect([mia.session.ends, olga.session.ends]).to.deep.equal([["logged-out"], []]);
    });
  });

  describe("disconnecting", () => {
    it("signs out all accounts, and has nothing left to tell", async () => {
      expect(await signOuts.disconnect()).to.equal(true);
      expect([mia.session.ends, olga.session.ends]).to.deep.equal([["logged-out"], ["logged-out"]]);
    });

    it("has told everything where it could tell of the contacts who were still speaking", async () => {
      mia.session.end = Promise.resolve(false);
      expect(await signOuts.disconnect()).to.equal(true);
      expect(told()).to.have.length(1);
    });

    it("signs out the others where one cannot be, and says that something may be missing", async () => {
      mia.session.end = Promise.reject(new Error("broken"));
      mia.session.end.catch(() => undefined);
      expect(await signOuts.disconnect()).to.equal(false);
      expect(olga.session.ends).to.deep.equal(["logged-out"]);
    });

    it("says that something may be missing where the disk does not take the notice", async () => {
      mia.session.end = Promise.resolve(false);
      notices.isFull = true;
      expect(await signOuts.disconnect()).to.equal(false);
    });

    it("says so too while something is owed since the disk was full, and not any more once it is told", async () => {
      mia.session.end = Promise.resolve(false);
      notices.isFull = true;
      await signOuts.leave(mia, HINDERED);
      mia.session.end = Promise.resolve(true);
      expect(await signOuts.disconnect()).to.equal(false);
      notices.isFull = false;
      await clock.advance(10_000);
      expect(await signOuts.disconnect()).to.equal(true);
    });

    for (const isFull of [false, true]) {
      it(`takes what was said and not written down; the disk is full: ${isFull}`, async () => {
        const from = { account: "nils@example.com", name: "Nils", group: undefined };
        mia.unstored.add({ ...from, type: "content", content: { type: "text", text: "hello" } });
        disk.isFull = () => isFull;
        notices.isFull = isFull;
        expect(await signOuts.disconnect()).to.equal(!isFull);
        expect(scope.store.journal.listOpen("to-matrix")).to.have.length(isFull ? 0 : 1);
      });
    }
  });

  it("rests once no space is being arranged any more", async () => {
    const { spaces } = scope.store;
    spaces.setRoom(spaces.save(olga.row.id, ""), "!space:localhost", "an old name");
    olga.roomsChanged();
    await clock.advance(1000);
    stopping.abort();
    let isOver = false;
    const resting = signOuts.rest().then(() => (isOver = true));
    await clock.advance(0);
    expect(isOver).to.equal(false);
    away.reject(Object.assign(new Error("away"), { code: "ECONNREFUSED" }));
    await resting;
  });
});
