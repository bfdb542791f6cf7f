import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { Activity } from "../../../src/bridge/presence/activity.ts";
import { GhostIds } from "../../../src/convert/ghost-ids.ts";
import { Ghosts } from "../../../src/bridge/ghosts/ghosts.ts";
import { Logins } from "../../../src/bridge/login/logins.ts";
import { Presence } from "../../../src/bridge/presence/presence.ts";
import { Puppets } from "../../../src/bridge/puppets/puppets.ts";
import { UserIntent } from "../../../src/matrix/client/intent.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { openStore } from "../../../src/store/store.ts";
import { systemClock, type Clock } from "../../../src/util/clock.ts";
import { Limiter } from "../../../src/util/limiter.ts";
import { silentLog } from "../../../src/util/log.ts";
import { SETTINGS } from "../../support/settings.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

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
      throttles: true,
    };
    const store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), clock: systemClock });
    for (let index = 0; index < 35; index += 1) {
      const passport = `p${index}@example.com`;
      const { id } = store.logins.save({ server: "one", passport, owner: "@alice:localhost" });
      store.logins.setCredentials(id, passport, "x");
    }
    const unused = (): never => {
      throw new Error("no ghost is needed");
    };
    const { signal } = new AbortController();
    const shared = { clock, log: silentLog, signal };
    const ghosts = new Ghosts({ ...shared, rows: store.ghosts, ids: new GhostIds("localhost"), intent: unused });
    const ids = new GhostIds("localhost");
    const activity = new Activity(clock);
    const rooms = store.ghostRooms;
    const presence = new Presence({ ...shared, ids, intent: unused, rooms, activity, settings: SETTINGS });
    const request = unused;
    let tellOwner: (owner: string, sentence: string) => void = unused;
    const registrations = new Set<string>();
    const bot = new UserIntent({ userId: "@msnbot:localhost", request, requestAsBot: request, registrations });
    const logins = new Logins({
      networks: [network],
      store,
      ghosts,
      settings: SETTINGS,
      alerts: { alert: unused },
      bot,
      activity,
      presence,
      files: {
        media: { upload: unused, download: unused, uploadLimit: unused },
        links: undefined,
        thumbnails: new Limiter(1, 0),
      },
      puppets: new Puppets({
        ...shared,
        store,
        ids,
        domain: "localhost",
        secret: undefined,
        open: unused,
        isAllowed: () => true,
        tellOwner: unused,
      }),
      isAllowed: () => true,
      clock,
      log: silentLog,
      tellOwner: (owner, sentence) => tellOwner(owner, sentence),
      hasTold: () => false,
      signal: new AbortController().signal,
    });
    logins.start();
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
    const told: string[] = [];
    let failures = 0;
    let isFull = true;
    tellOwner = (owner, sentence) => {
      if (isFull) {
        failures += 1;
        throw new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
      }
      told.push(`${owner}: ${sentence}`);
    };
    const session = { stop: () => Promise.resolve(false) };
    const error = new MsnError("connection-closed", "the disk of this bridge is full");
    await logins.leave({ row: login.row, network, session }, { type: "hindered", error });
    // Whoever stops now has not told everything.
    expect(await logins.disconnect()).to.equal(false);
    await until("it is tried again", () => failures > 2);
    expect(told).to.deep.equal([]);
    isFull = false;
    await until("the user is told", () => told.length > 0);
    expect(told.join()).to.match(/^@alice:localhost: .*did not hear the end of it/u);
    expect(await logins.disconnect()).to.equal(true);
    await logins.finish();
    store.close();
  });
});
