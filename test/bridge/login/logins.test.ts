import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { Logins } from "../../../src/bridge/login/logins.ts";
import { SignOuts } from "../../../src/bridge/login/sign-outs.ts";
import { MsnError } from "../../../src/msn/index.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { systemClock, type Clock } from "../../../src/util/clock.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { nextTurn } from "../../../src/util/next-turn.ts";
import { bridgeScope, memoryStore, testNetwork, ToldNotices } from "../../support/scopes.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { timesOf } from "../../support/calendars.ts";

// Accounts on one server sign in two a second at most.
const RATE = 20;
const start = Date.now();
const clock: Clock = {
  now: () => start + (Date.now() - start) * RATE,
  after: (ms, run) => systemClock.after(ms / RATE, run),
};

describe("bridge/login/logins", () => {
  const folder = tempFolder();
  const sockets = new Set<Socket>();
  let server: Server;
  let most = 0;
  before(async () => {
    // A notification server that takes connections and says nothing.
    server = createServer((socket) => {
      sockets.add(socket);
      most = Math.max(most, sockets.size);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.close();
    folder.remove();
  });

  it("signs in ten at a time at the start, and the next ones as these are done; what a full disk keeps from being told at a sign-out is told later", async () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const network = {
      id: "one",
      name: "One",
      host: "127.0.0.1",
      port,
      nexusUrl: "http://127.0.0.1:1/",
      dialect: "MSNP8" as const,
      throttles: true,
    };
    const store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), ...timesOf(systemClock) });
    for (let index = 0; index < 35; index += 1) {
      const passport = `p${index}@example.com`;
      const { id } = store.logins.save({ server: "one", passport, owner: "@alice:localhost" });
      store.logins.setCredentials(id, passport, "x");
    }
    let disk: "full" | "fine" = "fine";
    let failures = 0;
    class DiskNotices extends ToldNotices {
      override tell(owner: string, sentence: string): void {
        if (disk === "full") {
          failures += 1;
          throw new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
        }
        super.tell(owner, sentence);
      }
    }
    const notices = new DiskNotices();
    const scope = bridgeScope({ store, clock, notices });
    const logins = new Logins(scope, [network]);
    const signOuts = new SignOuts(scope, logins);
    await logins.start();
    await until("as many as may sign in at once", () => sockets.size === 10);
    const seen = new Set<Socket>();
    while (seen.size < 35) {
      await until("connections", () => [...sockets].some((socket) => !seen.has(socket)));
      expect(sockets.size).to.be.at.most(10);
      for (const socket of sockets) {
        seen.add(socket);
        socket.destroy();
      }
    }
    expect(most).to.equal(10);
    expect(logins.of("@alice:localhost")).to.have.length(35);

    // Contacts are still speaking when it has to sign out, and the disk takes nothing: their user is told later.
    const [login] = logins.all;
    if (login === undefined) throw new Error("there is no login");
    disk = "full";
    const session = { stop: () => Promise.resolve(false) };
    const error = new MsnError("connection-closed", "the disk of this bridge is full");
    await signOuts.leave({ row: login.row, network, session }, { type: "hindered", error });
    // Whoever stops now has not told everything.
    expect(await signOuts.disconnect()).to.equal(false);
    await until("it is tried again", () => failures > 2);
    expect(notices.told).to.deep.equal([]);
    disk = "fine";
    await until("the user is told", () => notices.told.length > 0);
    expect(notices.told.map(({ owner, sentence }) => `${owner}: ${sentence}`).join()).to.match(
      /^@alice:localhost: .*did not hear the end of it/u,
    );
    expect(await signOuts.disconnect()).to.equal(true);
    await signOuts.finish();
    store.close();
  });
});

describe("bridge/login/logins at the start", () => {
  const folder = tempFolder();
  let store: Store;
  let logins: Logins;
  const stopping = new AbortController();
  beforeEach(() => (store = memoryStore()));
  after(() => {
    stopping.abort();
    folder.remove();
  });

  /** The chat of a user with a contact. */
  function chat(owner: string, contact: string): PortalRow {
    const { id } = store.logins.save({ server: "one", passport: `of-${owner.slice(1, 4)}@example.com`, owner });
    return store.portals.save({ loginId: id, kind: "direct", remote: contact });
  }

  async function startAll(): Promise<void> {
    logins = new Logins(bridgeScope({ store, clock: new FakeClock(), signal: stopping.signal }), [testNetwork()]);
    await logins.start();
  }

  const isMade = (row: PortalRow): boolean => logins.ofPortal(row)?.portals.inUse(row) !== undefined;

  it("signs the others in when a password was moved to another's row, whose user is told", async () => {
    const database = join(folder.path, "moved.db");
    const times = timesOf(systemClock);
    const open = (): Store => openStore({ path: database, keyFile: `${database}.key`, ...times });
    store = open();
    for (const name of ["ada", "bob"]) {
      const passport = `${name}@example.com`;
      const { id } = store.logins.save({ server: "one", passport, owner: `@${name}:localhost` });
      store.logins.setCredentials(id, passport, `of ${name}`);
    }
    store.close();
    const writer = new Sqlite(database);
    writer.exec("UPDATE login SET password = (SELECT password FROM login WHERE id = 2) WHERE id = 1");
    writer.close();
    store = open();
    const notices = new ToldNotices();
    const scope = bridgeScope({ store, clock: new FakeClock(), notices, signal: stopping.signal });
    logins = new Logins(scope, [testNetwork()]);
    await logins.start();
    expect(logins.signedIn()).to.deep.equal(["@bob:localhost"]);
    expect(notices.told.map(({ owner, sentence }) => `${owner}: ${sentence}`).join()).to.match(
      /^@ada:localhost: The password of ada@example.com on .* can no longer be read/u,
    );
    store.close();
  });

  it("makes the portals only in which something waits, or was under way", async () => {
    const [said, written, file, idle] = ["said", "written", "file", "idle"].map((name) => chat("@ada:localhost", name));
    if (said === undefined || written === undefined || file === undefined || idle === undefined) throw new Error();
    store.journal.acceptMessage(said.id, { type: "text", text: "hello", from: "said" });
    const [row] = store.journal.accept([
      { event_id: "$1", room_id: "!1", sender: "@ada:localhost", type: "m.sticker" },
    ]);
    store.journal.assign(row?.id ?? 0, written.id);
    store.transfers.add({ portalId: file.id, rowId: null, name: "photo.jpg" });
    store.journal.settle(store.journal.acceptMessage(idle.id, { type: "nudge", from: "idle" }).id, "delivered");
    await startAll();
    expect([said, written, file, idle].map(isMade)).to.deep.equal([true, true, true, false]);
  });

  it("leaves alone what waits in chats of a network that is not in the configuration any more", async () => {
    const { id } = store.logins.save({ server: "gone", passport: "mia@example.com", owner: "@ada:localhost" });
    const row = store.portals.save({ loginId: id, kind: "direct", remote: "nils@example.com" });
    store.journal.acceptMessage(row.id, { type: "nudge", from: "nils@example.com" });
    await startAll();
    expect([logins.ofPortal(row), store.journal.count("to-matrix", row.id)]).to.deep.equal([undefined, 1]);
  });

  it("keeps what is to be sent for accounts that are only being signed in", async () => {
    const row = chat("@ada:localhost", "nils@example.com");
    store.logins.setCredentials(row.loginId, "of-ada@example.com", "secret");
    const content = { msgtype: "m.text", body: "hello" };
    const [accepted] = store.journal.accept([
      { event_id: "$1", room_id: "!1", sender: "@ada:localhost", type: "m.room.message", content },
    ]);
    store.journal.assign(accepted?.id ?? 0, row.id);
    await startAll();
    await nextTurn();
    expect([isMade(row), store.journal.count("to-msn", row.id)]).to.deep.equal([true, 1]);
  });

  it("finds the logins of a user, oldest first", async () => {
    const rows = ["@ada:localhost", "@bob:localhost"].map((owner) => chat(owner, "x"));
    await startAll();
    expect(logins.of("@bob:localhost").map(({ row }) => row.id)).to.deep.equal([rows[1]?.loginId]);
    expect(logins.of("@eve:localhost")).to.deep.equal([]);
  });
});
