import { createServer, connect, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { expect } from "chai";
import * as fc from "fast-check";
import { NO_LOG } from "../../src/msn/base/log.ts";
import { BoardCalls } from "../../src/msn/chat/board-calls.ts";
import { BoardMembers } from "../../src/msn/chat/board-members.ts";
import { SwitchboardClient } from "../../src/msn/chat/switchboard.ts";
import { Connection } from "../../src/msn/net/connection.ts";
import { Keepalive } from "../../src/msn/session/keepalive.ts";
import { SyncEnd } from "../../src/msn/session/sync-end.ts";
import type { Clock, Timer } from "../../src/util/clock.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";

const HOUR_MS = 3_600_000;
const payloadCommands: ReadonlySet<string> = new Set(["MSG"]);

/** Timers run when they are told to, in the turn in which they are told. */
class Alarms implements Clock {
  readonly #runs = new Set<() => void>();

  now(): number {
    return 0;
  }

  after(_ms: number, run: () => void): Timer {
    this.#runs.add(run);
    return { cancel: () => void this.#runs.delete(run) };
  }

  ringAll(): void {
    for (const run of this.#runs) {
      this.#runs.delete(run);
      run();
    }
  }
}

interface Ends {
  readonly connection: Connection;
  readonly server: Socket;
}

/** Holds up the loop, so that what was written comes as far as the buffers of the system. */
function holdUp(): void {
  const end = performance.now() + 20;
  while (performance.now() < end);
}

// What waits to hear something on a connection, and what is said when it has been.
const WAITS: ReadonlyArray<[what: string, wait: (connection: Connection) => Promise<unknown>, answer: string]> = [
  ["an answer", (connection) => connection.request("XFR", ["SB"]), "XFR 1 x\r\n"],
  ["a pong", async (connection) => pinged(connection), "QNG\r\n"],
  ["the end of the lists", async (connection) => new SyncEnd().wait(connection.clock), ""],
  ["the end of the connection", (connection) => connection.finish(2000), ""],
];

async function pinged(connection: Connection): Promise<void> {
  const keepalive = new Keepalive(new FakeClock(), { name: "PNG", args: [] });
  const pong = Promise.withResolvers<void>();
  keepalive.ping(connection, { onPong: pong.resolve });
  connection.clock.after(30_000, () => pong.reject(new Error("silent")));
  await pong.promise;
}

describe("time-outs while nothing is read", () => {
  for (const [what, wait] of WAITS) {
    it(`stand still for ${what}`, async () => {
      const [stream, server] = duplexPair();
      const clock = new FakeClock();
      const connection = new Connection({ stream, payloadCommands, clock, log: NO_LOG });
      connection.listen({ onCommand: () => undefined, onClose: () => undefined });
      let isSettled = false;
      const settled = (): void => void (isSettled = true);
      const waiting = wait(connection).then(settled, settled);
      connection.hold("client");
      await clock.advance(HOUR_MS);
      expect(isSettled).to.equal(false);
      expect(connection.isClosed).to.equal(false);
      connection.goOn("client");
      await clock.advance(60_000);
      expect(isSettled).to.equal(true);
      connection.close();
      server.destroy();
      await waiting;
      await clock.advance(1000);
      expect(clock.waiting).to.equal(0);
    });
  }

  it("stand still for a contact who was called, and for the fate of a message", async () => {
    const [stream, server] = duplexPair();
    const clock = new FakeClock();
    const connection = new Connection({ stream, payloadCommands, clock, log: NO_LOG });
    const nothing = (): undefined => undefined;
    const listener = { onJoin: nothing, onLeave: nothing, onContent: nothing, onClose: nothing };
    const board = new SwitchboardClient({ connection, account: "mia@example.com", clock, log: NO_LOG, listener });
    const called = board.invite("nils@example.com");
    server.write("CAL 1 RINGING 1\r\n");
    await clock.advance(20_000);
    connection.hold("client");
    server.write("JOI nils@example.com Nils\r\n");
    await clock.advance(HOUR_MS);
    connection.goOn("client");
    await called;
    const sent = board.send(Buffer.from("\r\nHi"));
    await clock.advance(0);
    connection.hold("client");
    server.write("ACK 2\r\n");
    await clock.advance(HOUR_MS);
    connection.goOn("client");
    expect(await sent).to.deep.equal({ state: "delivered" });
    connection.close();
    server.destroy();
    await clock.advance(1000);
  });

  it("do not make a message in parts too old", async () => {
    const [stream, server] = duplexPair();
    const clock = new FakeClock();
    const connection = new Connection({ stream, payloadCommands, clock, log: NO_LOG });
    const nothing = (): undefined => undefined;
    const told: unknown[] = [];
    const onContent = (_board: unknown, _from: string, _name: string, content: unknown): void =>
      void told.push(content);
    const listener = { onJoin: nothing, onLeave: nothing, onContent, onClose: nothing };
    const board = new SwitchboardClient({ connection, account: "mia@example.com", clock, log: NO_LOG, listener });
    const say = (head: string, text: string): void => {
      const payload = `Message-ID: {1}\r\n${head}\r\n${text}`;
      server.write(`MSG nils@example.com Nils ${payload.length}\r\n${payload}`);
    };
    say("Content-Type: text/plain\r\nChunks: 2\r\n", "Hel");
    await clock.advance(0);
    connection.hold("client");
    say("Chunk: 1\r\n", "lo");
    await clock.advance(HOUR_MS);
    connection.goOn("client");
    await until("the message", () => told.length > 0);
    expect(told[0]).to.include({ type: "text", text: "Hello" });
    void board.leave();
    connection.close();
    server.destroy();
    await clock.advance(1000);
  });

  it("never end anything before the time in which it was read is over, and always then", async () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.boolean()), {
      minLength: 1,
      maxLength: 30,
    });
    const property = fc.asyncProperty(steps, async (all) => {
      const [stream, server] = duplexPair();
      const clock = new FakeClock();
      const connection = new Connection({ stream, payloadCommands, clock, log: NO_LOG });
      connection.listen({ onCommand: () => undefined, onClose: () => undefined });
      const calls = new BoardCalls(connection, new BoardMembers("mia@example.com"));
      let late = 0;
      for (const wait of [connection.request("XFR", ["SB"]), calls.call("nils@example.com")])
        wait.catch(() => void (late += 1));
      let read = 0;
      for (const [ms, isRead] of all) {
        connection[isRead ? "goOn" : "hold"]("client");
        await clock.advance(ms);
        if (isRead) read += ms;
        expect(late > 0, `${read} of 30000 ms`).to.equal(read >= 30_000);
      }
      connection.close();
      server.destroy();
      await clock.advance(1000);
    });
    await fc.assert(property, { numRuns: 20 });
  });
});

describe("what waits in the buffers of the system when a time is up", () => {
  let listening: Server;
  let ends: Ends;
  let alarms: Alarms;
  beforeEach(async () => {
    listening = createServer().listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    const near = connect({ host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0 });
    const accepted = Promise.withResolvers<Socket>();
    listening.once("connection", accepted.resolve);
    const [server] = await Promise.all([accepted.promise, once(near, "connect")]);
    alarms = new Alarms();
    const connection = new Connection({ stream: near, payloadCommands, clock: alarms, log: NO_LOG });
    connection.listen({ onCommand: () => undefined, onClose: () => undefined });
    ends = { connection, server };
  });
  afterEach(() => {
    ends.connection.close();
    alarms.ringAll();
    ends.server.destroy();
    listening.close();
  });

  for (const size of [0, 5000]) {
    it(`is read first, behind ${size} other commands`, async () => {
      const { connection, server } = ends;
      const asked = connection.request("XFR", ["SB"]);
      server.write(`${"QNG\r\n".repeat(size)}XFR 1 here\r\n`);
      holdUp();
      // The loop was held up for so long that the timer is the first to run.
      alarms.ringAll();
      expect((await asked).args).to.deep.equal(["1", "here"]);
    });
  }

  it("does not keep alive what says nothing", async () => {
    const asked = ends.connection.request("XFR", ["SB"]).catch((error: unknown) => error);
    alarms.ringAll();
    expect(await asked).to.include({ code: "timeout" });
  });

  it("hears the last words of one who ends the connection while they wait", async () => {
    const { connection, server } = ends;
    const ended = connection.finish(2000);
    server.end("QNG\r\n".repeat(5000));
    holdUp();
    alarms.ringAll();
    expect(await ended).to.equal(true);
  });
});
