import { expect } from "chai";
import { Login } from "../../../src/bridge/login/login.ts";
import { SharedLimits } from "../../../src/bridge/login/shared-limits.ts";
import type { Settings } from "../../../src/bridge/base/settings.ts";
import { Puppets } from "../../../src/bridge/puppets/puppets.ts";
import type { BridgeScope } from "../../../src/bridge/scope/bridge-scope.ts";
import { portalMessage } from "../../../src/convert/to-matrix.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { askingScope, testNetwork, ToldNotices } from "../../support/scopes.ts";
import { MIA, NILS, OLGA, untilState } from "../../support/session-bench.ts";
import { SETTINGS } from "../../support/settings.ts";
import { until } from "../../support/until.ts";

const ALICE = "@alice:localhost";

describe("bridge/login/login", () => {
  let sandbox: TestSandbox;
  let clock: FakeClock;
  let notices: ToldNotices;
  let stopping: AbortController;
  let scope: BridgeScope;
  /** What the homeserver, which is away, was asked for. */
  let asked: string[];
  /** Settles once the homeserver turns out to be away. */
  let refusing: Promise<unknown>;
  let logins: Login[];

  beforeEach(async () => {
    sandbox = await TestSandbox.start({ accounts: [MIA, OLGA] });
    [clock, notices, stopping] = [new FakeClock(), new ToldNotices(), new AbortController()];
    [asked, logins, refusing] = [[], [], Promise.resolve()];
    setUp({});
  });
  afterEach(async () => {
    stopping.abort();
    await Promise.all(logins.map(async (login) => Promise.all([login.session.stop(), login.stop()])));
    scope.store.close();
    await sandbox.stop();
  });

  /** A bridge with these settings beside the necessary. */
  function setUp(settings: Partial<Settings>): void {
    const away = async (method: string, path: string): Promise<never> => {
      asked.push(`${method} ${decodeURIComponent(path)}`);
      await refusing;
      throw Object.assign(new Error("away"), { code: "ECONNREFUSED" });
    };
    scope = askingScope(away, { clock, notices, signal: stopping.signal, settings: { ...SETTINGS, ...settings } });
  }

  function open(passport = MIA.passport, limits = new SharedLimits(scope)): Login {
    const { host, port, nexusUrl } = sandbox;
    const row = scope.store.logins.save({ server: "one", passport, owner: ALICE });
    const login = new Login(scope, row, testNetwork({ host, port, nexusUrl }), limits);
    logins.push(login);
    return login;
  }

  async function signedIn(): Promise<Login> {
    const login = open();
    await login.session.signIn(MIA.passport, MIA.password);
    return login;
  }

  /** What is on its way to Matrix in a chat. */
  function shown(login: Login, contact: string): string[] {
    const { journal, portals } = scope.store;
    const portal = portals.find(login.row.id, "direct", contact);
    return journal.listOpen("to-matrix").flatMap((id) => {
      const message = portalMessage.parse(journal.body(id));
      return journal.get(id).portalId === portal?.id && "text" in message ? [message.text] : [];
    });
  }

  it("promises what a contact says in their chat, though the homeserver is away", async () => {
    const login = await signedIn();
    await sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    await until("the words", () => shown(login, NILS).length > 0);
    expect(shown(login, NILS)).to.deep.equal(["hello"]);
    expect(login.portals.list().map(({ remote }) => remote)).to.deep.equal([NILS]);
  });

  it("calls a contact what they call themselves, and by their address before that is known", async () => {
    const login = await signedIn();
    expect(login.nameOf(NILS)).to.equal(NILS);
    await sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    sandbox.befriend(MIA.passport, NILS, true);
    await until("their name", () => login.nameOf(NILS) === "Nils");
  });

  it("asks the owner about one who wants to be a contact", async () => {
    await signedIn();
    sandbox.contact(NILS, "Nils");
    sandbox.befriend(NILS, MIA.passport);
    await until("the question", async () => {
      await clock.advance(50);
      return notices.told.length > 0;
    });
    expect(notices.told[0]).to.have.property("owner", ALICE);
    expect(notices.told[0]?.sentence).to.include(NILS);
  });

  it("shows the status that its owner has chosen, from the first moment and when they change it", async () => {
    const login = open();
    login.ownStatus.choose("BSY");
    await login.session.signIn(MIA.passport, MIA.password);
    expect(sandbox.shown(MIA.passport).status).to.equal("BSY");
    login.ownStatus.choose("BRB");
    await until("the other status", () => sandbox.shown(MIA.passport).status === "BRB");
  });

  it("tells the owner of an outage once it lasts", async () => {
    const login = await signedIn();
    sandbox.stall("logins", true);
    sandbox.disconnect(MIA.passport);
    await untilState(login.session, "connecting");
    await clock.advance(179_000);
    expect(notices.told).to.deep.equal([]);
    await clock.advance(2000);
    expect(notices.told.map(({ topic }) => topic?.about)).to.deep.equal([`outage/${login.row.id}`]);
  });

  it("keeps what is said while the disk is full, and promises it once there is room", async () => {
    const disk = new FullDisk();
    try {
      setUp({});
      const login = await signedIn();
      disk.isFull = (sql) => sql.includes("journal");
      await sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
      await until("it waits", () => !login.unstored.isEmpty);
      disk.isFull = () => false;
      login.unstored.retry();
      expect(login.unstored.isEmpty).to.equal(true);
      await until("it is promised", () => shown(login, NILS).length > 0);
      expect(shown(login, NILS)).to.deep.equal(["hello"]);
    } finally {
      disk.restore();
    }
  });

  for (const createPortals of ["on-message", "all"] as const) {
    it(`makes rooms for contacts who have said nothing where that is wished: ${createPortals}`, async () => {
      setUp({ createPortals });
      sandbox.contact(NILS, "Nils");
      sandbox.befriend(MIA.passport, NILS, true);
      const login = await signedIn();
      await until("the contact", () => login.session.contacts.has(NILS));
      await clock.advance(2000);
      expect(login.portals.list().map(({ remote }) => remote)).to.deep.equal(createPortals === "all" ? [NILS] : []);
    });
  }

  /** Signed in, with a chat that has got a room of which nothing has been heard yet. */
  async function withChat(account = MIA): Promise<Login> {
    const login = open(account.passport);
    await login.session.signIn(account.passport, account.password);
    await clock.advance(1000);
    scope.store.portals.setRoom(login.portals.direct(NILS).row.id, `!${login.row.id}:localhost`);
    return login;
  }
  const hasSpace = (login: Login): boolean => scope.store.spaces.listByLogin(login.row.id).length > 0;

  for (const spaces of [false, true]) {
    it(`has a space, made when a chat has got its room, only where that is wished: ${spaces}`, async () => {
      setUp({ spaces });
      const login = await withChat();
      expect([login.spaces !== undefined, hasSpace(login), asked]).to.deep.equal([spaces, false, []]);
      login.roomsChanged();
      await clock.advance(1000);
      expect([hasSpace(login), asked.length > 0]).to.deep.equal([spaces, spaces]);
    });
  }

  it("arranges its space when it has signed in", async () => {
    setUp({ spaces: true });
    const login = open();
    scope.store.portals.setRoom(login.portals.direct(NILS).row.id, "!chat:localhost");
    await login.session.signIn(MIA.passport, MIA.password);
    await clock.advance(1000);
    expect(hasSpace(login)).to.equal(true);
  });

  it("arranges its space when its own chats change, not when those of another login do", async () => {
    setUp({ spaces: true });
    const [mia, olga] = [await withChat(), await withChat(OLGA)];
    mia.portals.forget(mia.portals.direct("eva@example.com").row);
    await clock.advance(1000);
    expect([hasSpace(mia), hasSpace(olga)]).to.deep.equal([true, false]);
  });

  it("lets its owner's puppet follow when a chat has got its room", () => {
    const woken: string[] = [];
    class Followed extends Puppets {
      override wake(owner: string): void {
        woken.push(owner);
      }
    }
    const none = (): never => expect.fail("nobody has a puppet");
    scope = { ...scope, puppets: new Followed(scope, scope.ghosts, { puppet: none }, undefined) };
    open().roomsChanged();
    expect(woken).to.deep.equal([ALICE]);
  });

  it("takes turns with the other logins where only so many may sign in at once", async () => {
    const limits = new SharedLimits(scope);
    const held = Promise.withResolvers<void>();
    const login = open(MIA.passport, limits);
    for (let count = 0; count < 10; count += 1)
      void limits.sessions.paceOf(login.network).limiter.run(
        () => held.promise,
        () => new Error("too many"),
      );
    login.session.start(MIA.passport, MIA.password);
    await clock.advance(1000);
    expect([login.session.state.type, sandbox.sessions(MIA.passport)]).to.deep.equal(["connecting", 0]);
    held.resolve();
    await untilState(login.session, "connected");
  });

  for (const [what, createPortals] of [
    ["a message", "on-message"],
    ["a room", "all"],
  ] as const) {
    it(`ends ${what} that waits for the homeserver when the bridge stops, and leaves it to the next run`, async () => {
      setUp({ createPortals });
      const held = Promise.withResolvers<void>();
      refusing = held.promise;
      const nils = sandbox.contact(NILS, "Nils");
      sandbox.befriend(MIA.passport, NILS, true);
      const login = await signedIn();
      if (createPortals === "on-message") await nils.say(MIA.passport, "hello");
      await until("the homeserver is asked", async () => {
        await clock.advance(500);
        return asked.length > 0;
      });
      stopping.abort();
      let isStopped = false;
      const stop = login.stop().then(() => (isStopped = true));
      await clock.advance(1000);
      expect(isStopped).to.equal(false);
      held.resolve();
      await stop;
      await clock.advance(60_000);
      expect(asked).to.have.length(1);
      expect(shown(login, NILS)).to.deep.equal(createPortals === "all" ? [] : ["hello"]);
    });
  }
});
