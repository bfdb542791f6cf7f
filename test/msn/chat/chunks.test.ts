import { duplexPair } from "node:stream";
import { expect } from "chai";
import * as fc from "fast-check";
import { ChunkBudget, Chunks } from "../../../src/msn/chat/chunks.ts";
import type { Content } from "../../../src/msn/content/content.ts";
import { msnp8 } from "../../../src/msn/dialect/msnp8.ts";
import { Connection } from "../../../src/msn/net/connection.ts";
import { SwitchboardClient, type Switchboard } from "../../../src/msn/chat/switchboard.ts";
import { parseMime } from "../../../src/msn/wire/mime.ts";
import { NO_LOG } from "../../../src/msn/base/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/until.ts";

const RUNS = 200;

const NILS = "nils@example.com";

interface Bench {
  clock: FakeClock;
  /** Hands in the first part of a message; returns the body of the message that is complete then. */
  first: (id: string, count: string | number, body?: string | Buffer, from?: string) => string | undefined;
  /** Hands in another part. */
  next: (id: string, index: string | number, body?: string | Buffer, from?: string) => string | undefined;
  /** Hands in any payload. */
  add: (payload: Buffer) => string | undefined;
}

function open(): Bench {
  const clock = new FakeClock();
  const chunks = new Chunks({ clock, log: NO_LOG }, { onLoss: () => undefined });
  const add = (payload: Buffer, from = NILS): string | undefined =>
    chunks.add(from, parseMime(payload))?.body.toString();
  const part = (head: string, body: string | Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body)]);
  return {
    clock,
    first: (id, count, body = "a", from = NILS) => add(part(firstHead(id, count), body), from),
    next: (id, index, body = "b", from = NILS) => add(part(`Message-ID: ${id}\r\nChunk: ${index}`, body), from),
    add,
  };
}

function firstHead(id: string, count: string | number): string {
  return `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nMessage-ID: ${id}\r\nChunks: ${count}`;
}

describe("msn/chat/chunks", () => {
  it("passes on whole messages", () => {
    const { add, first } = open();
    expect(add(Buffer.from("\r\nhi"))).to.equal("hi");
    expect(add(Buffer.from("Message-ID: {1}\r\n\r\nhi"))).to.equal("hi");
    expect(add(Buffer.from("Chunks: 2\r\n\r\nhi"))).to.equal("hi");
    expect(first("{1}", 1, "hi")).to.equal("hi");
  });

  it("takes a first part that is numbered too, and is one of any count", () => {
    for (const count of [1, 2, 3]) {
      const { add, next } = open();
      const whole = Array.from({ length: count }, (_, at) =>
        at === 0 ? add(Buffer.from(`${firstHead("{1}", count)}\r\nChunk: 0\r\n\r\na`)) : next("{1}", at),
      );
      expect(whole.at(-1)).to.equal("a".padEnd(count, "b"));
      expect(new Set(whole.slice(0, -1))).to.deep.equal(new Set(count === 1 ? [] : [undefined]));
    }
  });

  it("puts parts together, of several messages and senders at once", () => {
    const { first, next } = open();
    expect(first("{1}", 3)).to.equal(undefined);
    expect(first("{2}", 2, "x")).to.equal(undefined);
    expect(first("{1}", 2, "o", "olga@example.com")).to.equal(undefined);
    expect(next("{1}", 1)).to.equal(undefined);
    expect(next("{2}", 1, "y")).to.equal("xy");
    expect(next("{1}", 1, "p", "olga@example.com")).to.equal("op");
    expect(next("{1}", 2, "c")).to.equal("abc");
    expect(next("{1}", 3, "d")).to.equal(undefined);
  });

  it("reads a text only when all its bytes are there", () => {
    const bytes = Buffer.from("grüß dich 😀");
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { minLength: 1, maxLength: 6 }), (places) => {
        const { first, next } = open();
        const cuts = [...places.toSorted((a, b) => a - b), bytes.length];
        let whole = first("{1}", cuts.length, bytes.subarray(0, cuts[0]));
        for (const [index, end] of cuts.entries()) {
          if (index > 0) whole = next("{1}", index, bytes.subarray(cuts[index - 1], end));
        }
        expect(whole).to.equal(bytes.toString());
      }),
      { numRuns: RUNS },
    );
  });

  const WRONG: Array<[what: string, indexes: Array<string | number>]> = [
    ["a part is missing", [2, 1, 2]],
    ["a part is repeated", [1, 1, 2]],
    ["the numbers start at 0", [0, 1, 2]],
    ["a number is none", [1, "two", 2]],
    ["a number is negative", [1, "-2", 2]],
  ];
  for (const [what, indexes] of WRONG) {
    it(`drops the message when ${what}, and no other`, () => {
      const { first, next } = open();
      first("{1}", 3);
      first("{2}", 2, "x");
      for (const index of indexes) expect(next("{1}", index)).to.equal(undefined);
      expect(next("{2}", 1, "y")).to.equal("xy");
    });
  }

  it("drops a message of an impossible number of parts", () => {
    const { first, next } = open();
    for (const count of ["0", "-1", "", "many", "4097", "9".repeat(30)]) {
      expect(first("{1}", count)).to.equal(undefined);
      expect(next("{1}", 1)).to.equal(undefined);
    }
  });

  it("starts again when a message does", () => {
    const { first, next } = open();
    first("{1}", 2, "old");
    first("{1}", 2, "new");
    expect(next("{1}", 1)).to.equal("newb");
  });

  it("drops the oldest of more than eight", () => {
    const { first, next } = open();
    for (let id = 0; id < 9; id += 1) first(`{${id}}`, 2);
    expect(next("{0}", 1)).to.equal(undefined);
    for (let id = 1; id < 9; id += 1) expect(next(`{${id}}`, 1)).to.equal("ab");
  });

  it("drops a message that is not complete after a minute", async () => {
    const { first, next, clock } = open();
    first("{1}", 2);
    await clock.advance(59_999);
    first("{2}", 2);
    expect(next("{1}", 1)).to.equal("ab");
    await clock.advance(60_000);
    expect(next("{2}", 1)).to.equal(undefined);
    expect(clock.waiting).to.equal(0);
  });

  it("drops a message of more than 1 MiB", () => {
    const half = Buffer.alloc(512 * 1024, "x");
    const { first, next } = open();
    first("{1}", 3, half);
    next("{1}", 1, half);
    expect(next("{1}", 2, "")).to.have.length(1024 * 1024);
    first("{2}", 3, half);
    next("{2}", 1, half);
    expect(next("{2}", 2, "x")).to.equal(undefined);
    expect(first("{3}", 1, Buffer.alloc(1024 * 1024 + 1))).to.equal(undefined);
  });

  const MIB = 1024 * 1024;
  // Headers and parts cost something too.
  const ALMOST_MIB = MIB - 4096;

  /** Boards that share their room, each with the first part of a message. */
  function boards(
    count: number,
    head: string,
    body: Buffer,
  ): { room: ChunkBudget; all: Chunks[]; ends: () => number[] } {
    const chunkBudget = new ChunkBudget();
    const clock = new FakeClock();
    const all = Array.from(
      { length: count },
      () => new Chunks({ clock, log: NO_LOG }, { onLoss: () => undefined }, chunkBudget),
    );
    const first = parseMime(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
    for (const chunks of all) chunks.add(NILS, first);
    const next = parseMime(Buffer.from("Message-ID: {1}\r\nChunk: 1\r\n\r\n"));
    const ends = (): number[] => all.flatMap((chunks, at) => (chunks.add(NILS, next) === undefined ? [] : [at]));
    return { room: chunkBudget, all, ends };
  }

  it("keeps no more than 8 MiB for all boards of a client, and drops the oldest", () => {
    const { room, ends } = boards(11, firstHead("{1}", 2), Buffer.alloc(ALMOST_MIB, "x"));
    expect(room.cost).to.be.within(7 * MIB, 8 * MIB);
    expect(ends()).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(room.cost).to.equal(0);
  });

  it("lets nobody have the messages of others dropped", () => {
    const [room, clock] = [new ChunkBudget(), new FakeClock()];
    const newBoard = (): Chunks => new Chunks({ clock, log: NO_LOG }, { onLoss: () => undefined }, room);
    const part = (head: string, body: Buffer): ReturnType<typeof parseMime> =>
      parseMime(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
    const friends = newBoard();
    friends.add(NILS, part(firstHead("{1}", 2), Buffer.alloc(MIB / 2, "x")));
    for (let at = 0; at < 50; at += 1)
      newBoard().add("eve@example.com", part(firstHead(`{${at}}`, 2), Buffer.alloc(ALMOST_MIB, "x")));
    expect(room.cost).to.be.within(6 * MIB, 8 * MIB);
    const whole = friends.add(NILS, part("Message-ID: {1}\r\nChunk: 1", Buffer.from("y")));
    expect(whole?.body).to.have.length(MIB / 2 + 1);
  });

  it("counts headers, and what tiny parts cost beside their bytes", () => {
    const long = boards(30, `${firstHead("{1}", 2)}\r\nX: ${"x".repeat(MIB / 2)}`, Buffer.from("a"));
    expect(long.room.cost).to.be.within(6 * MIB, 8 * MIB);
    expect(long.ends()).to.have.length(7);
    const tiny = boards(20, firstHead("{1}", 4096), Buffer.from("a"));
    for (let index = 1; index < 4000; index += 1) {
      const part = parseMime(Buffer.from(`Message-ID: {1}\r\nChunk: ${index}\r\n\r\na`));
      for (const chunks of tiny.all) chunks.add(NILS, part);
    }
    expect(tiny.room.cost).to.be.within(6 * MIB, 8 * MIB);
  });

  it("gives room back when a message is complete, is dropped, or its board has closed", () => {
    const { room, all, ends } = boards(4, firstHead("{1}", 3), Buffer.from("a"));
    all[0]?.clear();
    all[1]?.add(NILS, parseMime(Buffer.from("Message-ID: {1}\r\nChunk: 5\r\n\r\n")));
    expect(ends()).to.deep.equal([]);
    expect(room.cost).to.be.greaterThan(0);
    const last = parseMime(Buffer.from("Message-ID: {1}\r\nChunk: 2\r\n\r\nc"));
    expect(all.map((chunks) => chunks.add(NILS, last)?.body.toString())).to.deep.equal([
      undefined,
      undefined,
      "ac",
      "ac",
    ]);
    expect(room.cost).to.equal(0);
  });

  it("gives room back with the switchboard", async () => {
    const chunkBudget = new ChunkBudget();
    const [stream, server] = duplexPair();
    const clock = new FakeClock();
    const nothing = (): undefined => undefined;
    const listener = { onJoin: nothing, onLeave: nothing, onContent: nothing, onClose: nothing };
    const connection = new Connection({ stream, payloadCommands: msnp8.payloadCommands, clock, log: NO_LOG });
    const options = { connection, account: "mia@example.com", clock, log: NO_LOG, listener, chunkBudget };
    const board = new SwitchboardClient(options);
    const payload = `${firstHead("{1}", 2)}\r\n\r\na`;
    server.write(`MSG ${NILS} Nils ${payload.length}\r\n${payload}`);
    await until("the first part", () => chunkBudget.cost > 0);
    server.end();
    await until("the end", () => board.isClosed);
    expect(chunkBudget.cost).to.equal(0);
  });

  it("never fails, whatever comes", () => {
    const field = fc.tuple(
      fc.constantFrom("Message-ID", "Chunks", "Chunk", "X"),
      fc.oneof(fc.constantFrom("0", "1", "2", "3", "{1}", "-1", "1e9", ""), fc.string({ maxLength: 5 })),
    );
    const headed = fc.array(field, { maxLength: 4 }).map((fields) => {
      const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
      return Buffer.from(`${lines.join("")}\r\nbody`);
    });
    const soup = fc.uint8Array().map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.oneof(headed, soup), { maxLength: 30 }), (payloads) => {
        const { add } = open();
        for (const payload of payloads) add(payload);
      }),
      { numRuns: RUNS },
    );
  });

  it("puts together what comes in parts over a switchboard, with the headers of the first", async () => {
    const [stream, server] = duplexPair();
    const clock = new FakeClock();
    const heard: Array<[from: string, content: Content]> = [];
    const listener = {
      onJoin: () => undefined,
      onLeave: () => undefined,
      onContent: (_board: Switchboard, from: string, _name: string, content: Content) =>
        void heard.push([from, content]),
      onClose: () => undefined,
    };
    const connection = new Connection({ stream, payloadCommands: msnp8.payloadCommands, clock, log: NO_LOG });
    const board = new SwitchboardClient({ connection, account: "mia@example.com", clock, log: NO_LOG, listener });
    const bytes = Buffer.from("grüß dich");
    const say = (from: string, head: string, body: Buffer): void => {
      const payload = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
      server.write(Buffer.concat([Buffer.from(`MSG ${from} Nils ${payload.length}\r\n`), payload]));
    };
    say(NILS, `${firstHead("{1}", 2)}\r\nP4-Context: Nils B`, bytes.subarray(0, 3));
    say("olga@example.com", "X: 1", Buffer.from("whole"));
    say("Nils@Example.com", "Message-ID: {1}\r\nChunk: 1", bytes.subarray(3));
    await until("both", () => heard.length === 2);
    expect(heard).to.deep.equal([
      ["olga@example.com", { type: "text", text: "whole" }],
      [NILS, { type: "text", text: "grüß dich", alias: "Nils B" }],
    ]);
    const left = board.leave();
    server.end();
    await left;
  });
});
