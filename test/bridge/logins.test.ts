import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { Activity } from "../../src/bridge/activity.ts";
import { GhostIds } from "../../src/bridge/ids.ts";
import { Ghosts } from "../../src/bridge/ghost.ts";
import { Logins } from "../../src/bridge/logins.ts";
import { Presence } from "../../src/bridge/presence/presence.ts";
import { Puppets } from "../../src/bridge/puppets.ts";
import { UserIntent } from "../../src/matrix/intent.ts";
import { openStore } from "../../src/store/store.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";
import { Limiter } from "../../src/util/limiter.ts";
import { silentLog } from "../../src/util/log.ts";
import { SETTINGS } from "../support/settings.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

// Accounts on one server sign in two a second at most.
const RATE = 20;
const start = Date.now();
const clock: Clock = {
  now: () => start + (Date.now() - start) * RATE,
  after: (ms, run) => systemClock.after(ms / RATE, run),
};

describe("bridge/logins", () => {
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

  it("signs in ten at a time at the start, and the next ones as these are done", async () => {
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
    const registrations = new Set<string>();
    const bot = new UserIntent({ userId: "@msnbot:localhost", request, requestAsBot: request, registrations });
    const logins = new Logins({
      networks: [network],
      store,
      ghosts,
      settings: SETTINGS,
      operator: { alert: unused },
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
      tellOwner: unused,
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
    await logins.disconnect();
    await logins.finish();
    store.close();
  });
});
