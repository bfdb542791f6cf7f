import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { duplexPair, type Duplex } from "node:stream";
import { expect } from "chai";
import type { MsnError } from "../../../src/msn/base/errors.ts";
import { Connection } from "../../../src/msn/net/connection.ts";
import { dialTcp } from "../../../src/msn/net/dial.ts";
import { ReadingTurns } from "../../../src/msn/net/reading-turns.ts";
import type { Command } from "../../../src/msn/wire/command.ts";
import { NO_LOG } from "../../../src/msn/base/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

interface Bench {
  connection: Connection;
  clock: FakeClock;
  /** The server's end. */
  server: Duplex;
  /** What the server has read. */
  written: () => string;
  /** What the listener was told: the commands as lines, then how it ended. */
  told: string[];
}

function line({ name, args, payload }: Command): string {
  return [name, ...args, ...(payload === undefined ? [] : [String(payload)])].join(" ");
}

const payloadCommands: ReadonlySet<string> = new Set(["MSG"]);

function open(onCommand: (command: Command, connection: Connection) => void = () => undefined): Bench {
  const [stream, server] = duplexPair();
  const clock = new FakeClock();
  const connection = new Connection({ stream, payloadCommands, clock, log: NO_LOG });
  const told: string[] = [];
  connection.listen({
    onCommand: (command) => {
      told.push(line(command));
      onCommand(command, connection);
    },
    onClose: (error: MsnError) => told.push(`closed: ${error.code}`),
  });
  let read = "";
  server.on("data", (chunk: Buffer) => (read += chunk.toString("utf8")));
  server.on("error", () => undefined);
  return { connection, clock, server, written: () => read, told };
}

describe("msn/net/connection", () => {
  it("numbers the commands that want a number, and no others", async () => {
    const { connection, written } = open();
    connection.send({ name: "PNG", args: [] });
    connection.post("MSG", ["U"], Buffer.from("hällo"));
    const asked = rejection(connection.request("XFR", ["SB"]));
    connection.post("CHG", ["NLN"]);
    connection.send({ name: "OUT", args: ["x"] });
    await until("all", () => written().endsWith("OUT x\r\n"));
    expect(written()).to.equal("PNG\r\nMSG 1 U 6\r\nhälloXFR 2 SB\r\nCHG 3 NLN\r\nOUT x\r\n");
    connection.close();
    await asked;
  });

  it("ends when the other side does not read what is sent to it", async () => {
    const [stream, server] = duplexPair();
    const connection = new Connection({ stream, payloadCommands, clock: new FakeClock(), log: NO_LOG });
    const asked = rejection(connection.request("XFR", ["SB"]));
    const payload = Buffer.alloc(1000);
    for (let time = 0; time < 2000 && !connection.isClosed; time += 1) connection.post("MSG", ["U"], payload);
    expect(await asked).to.include({
      code: "connection-closed",
      message: "the server does not read what is sent to it",
    });
    expect(stream.writableLength).to.be.at.most(1024 * 1024 + 2000);
    server.destroy();
    stream.destroy();
  });

  it("is ready for an error before anybody listens", async () => {
    const [stream] = duplexPair();
    const connection = new Connection({ stream, payloadCommands, clock: new FakeClock(), log: NO_LOG });
    stream.destroy(new Error("reset"));
    await until("closed", () => connection.isClosed);
    expect(await rejection(connection.request("XFR", ["SB"]))).to.include({ code: "connection-closed" });
  });

  it("hands each answer to whoever asked, in any order, and the rest to the listener", async () => {
    const { connection, server, told, clock } = open();
    const [first, second] = [
      connection.request("CAL", ["a@x"]),
      connection.request("MSG", ["A"], { answers: ["ACK", "NAK"] }),
    ];
    server.write("NLN 1 x\r\nACK 2\r\nACK 1\r\nCAL 1 RINGING 7\r\nCAL 1 again\r\nQNG\r\nMSG a b 3\r\nabc");
    expect(line(await first)).to.equal("CAL 1 RINGING 7");
    expect(line(await second)).to.equal("ACK 2");
    await until("the rest", () => told.length === 5);
    expect(told).to.deep.equal(["NLN 1 x", "ACK 1", "CAL 1 again", "QNG", "MSG a b 3 abc"]);
    expect(clock.waiting).to.equal(0);
  });

  it("rejects a request with what the server's number stands for; other numbers go to the listener", async () => {
    const { connection, server, told } = open();
    const asked = rejection(connection.request("CAL", ["a@x"]));
    server.write("911 7\r\n500\r\n217 1\r\n");
    expect(await asked).to.include({ code: "contact-offline", reason: "contact-offline", serverCode: 217 });
    expect(told).to.deep.equal(["911 7", "500"]);
  });

  it("tells of an answer before it reads on", async () => {
    const seen: string[] = [];
    const { connection, server } = open((command) => seen.push(command.name));
    const asked = connection.request("MSG", ["A"], {
      answers: ["ACK"],
      listener: { onAnswer: ({ name }) => void seen.push(name) },
    });
    server.write("JOI a\r\nACK 1\r\nBYE a\r\n");
    await asked;
    await until("all", () => seen.length === 3);
    expect(seen).to.deep.equal(["JOI", "ACK", "BYE"]);
  });

  it("gives up on an answer after thirty seconds, or as long as it was told, and stays open", async () => {
    const { connection, clock, server, told } = open();
    const slow = rejection(connection.request("XFR", ["SB"]));
    const quick = rejection(connection.request("CAL", ["a@x"], { timeout: 1000 }));
    await clock.advance(1000);
    expect(await quick).to.include({ code: "timeout" });
    await clock.advance(28_999);
    expect(clock.waiting).to.equal(1);
    await clock.advance(1);
    expect(await slow).to.include({ code: "timeout", message: "the server did not answer XFR in time" });
    server.write("XFR 1 SB too late\r\n");
    await until("the late answer", () => told.length === 1);
    expect(connection.isClosed).to.equal(false);
  });

  it("refuses what would become another command, and waits for nothing", async () => {
    const { connection, clock, written } = open();
    for (const unsafe of ["a b", "a\r\nOUT", "", "\u0000"]) {
      expect(await rejection(connection.request("CAL", [unsafe]))).to.include({ code: "rejected" });
    }
    expect(clock.waiting).to.equal(0);
    expect(written()).to.equal("");
  });

  const ENDS: Array<[what: string, end: (bench: Bench) => void, code: string]> = [
    ["we close it", ({ connection }) => connection.close(), "connection-closed"],
    ["the server ends it", ({ server }) => void server.end(), "connection-closed"],
    ["the server drops it", ({ server }) => void server.destroy(), "connection-closed"],
    ["a payload has no length", ({ server }) => void server.write("MSG a b c\r\n"), "protocol"],
  ];
  for (const [what, end, code] of ENDS) {
    it(`ends every waiter and tells the listener once when ${what}`, async () => {
      const bench = open();
      const { connection, clock, told } = bench;
      const asked = [rejection(connection.request("XFR", ["SB"])), rejection(connection.request("CAL", ["a@x"]))];
      end(bench);
      for (const error of await Promise.all(asked)) expect(error).to.include({ code });
      expect(connection.isClosed).to.equal(true);
      connection.close();
      await clock.advance(1000);
      expect(told).to.deep.equal([`closed: ${code}`]);
      expect(clock.waiting).to.equal(0);
    });
  }

  it("tells of an error of the stream as the end of the connection", async () => {
    const [stream] = duplexPair();
    const connection = new Connection({
      stream,
      payloadCommands: new Set(),
      clock: new FakeClock(),
      log: NO_LOG,
    });
    const closed = Promise.withResolvers<MsnError>();
    connection.listen({ onCommand: () => undefined, onClose: closed.resolve });
    stream.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    expect(await closed.promise).to.include({ code: "connection-closed", message: "the connection broke: ECONNRESET" });
  });

  it("writes and reads nothing once it is closed, and says why to whoever asks", async () => {
    const { connection, server, written, told } = open((command, own) => {
      if (command.name === "OUT") own.close();
    });
    connection.send({ name: "PNG", args: [] });
    server.write("OUT\r\nNLN 1\r\nNLN 2\r\n");
    await until("closed", () => connection.isClosed);
    connection.send({ name: "PNG", args: [] });
    connection.post("CHG", ["NLN"]);
    expect(await rejection(connection.request("XFR", ["SB"]))).to.include({ code: "connection-closed" });
    server.write("NLN 3\r\n");
    await until("the end", () => server.readableEnded);
    expect(written()).to.equal("PNG\r\n");
    expect(told).to.deep.equal(["OUT", "closed: connection-closed"]);
  });

  it("hears one who says little while another floods it, on sockets", async () => {
    const listening = createServer().listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const turns = new ReadingTurns({ commands: 16, ms: 60_000 });
    const clock = new FakeClock();
    const connect = async (onCommand: () => void): Promise<{ connection: Connection; server: Socket }> => {
      const accepted = Promise.withResolvers<Socket>();
      listening.once("connection", accepted.resolve);
      const stream = await dialTcp("127.0.0.1", port);
      const connection = new Connection({ stream, payloadCommands, clock, log: NO_LOG, turns });
      connection.listen({ onCommand, onClose: () => undefined });
      return { connection, server: await accepted.promise };
    };
    const heard = { flood: 0, before: 0, between: Number.POSITIVE_INFINITY };
    const quiet = await connect(() => (heard.between = heard.flood - heard.before));
    const loud = await connect(() => {
      heard.flood += 1;
      if (heard.flood !== 1000) return;
      heard.before = heard.flood;
      quiet.server.write("QNG\r\n");
    });
    loud.server.write("NLN AWY nils@example.com Nils\r\n".repeat(20_000));
    await until("all", () => heard.flood === 20_000);
    expect(heard.between).to.be.at.most(3 * 16);
    for (const { connection, server } of [quiet, loud]) {
      connection.close();
      server.destroy();
    }
    await clock.advance(1000);
    listening.close();
  });

  it("lets the last words go out, but no peer can hold the socket for longer than a second", async () => {
    const [stream, server] = duplexPair();
    const clock = new FakeClock();
    const connection = new Connection({ stream, payloadCommands: new Set(), clock, log: NO_LOG });
    connection.listen({ onCommand: () => undefined, onClose: () => undefined });
    connection.send({ name: "OUT", args: [] });
    connection.close();
    expect(stream.destroyed).to.equal(false);
    await clock.advance(1000);
    expect(stream.destroyed).to.equal(true);
    expect(String(server.read())).to.equal("OUT\r\n");
  });
});
