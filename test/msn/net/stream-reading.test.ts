import { Duplex } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { expect } from "chai";
import * as fc from "fast-check";
import type { MsnError } from "../../../src/msn/base/errors.ts";
import { ReadingTurns } from "../../../src/msn/net/reading-turns.ts";
import { StreamReading } from "../../../src/msn/net/stream-reading.ts";
import type { Command } from "../../../src/msn/wire/command.ts";
import { CommandReader } from "../../../src/msn/wire/reader.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/until.ts";

/** Gives what it is told to, as fast as it is read. */
class Source extends Duplex {
  override _read(): void {
    // Everything comes by `push`.
  }

  override _write(_bytes: Buffer, _encoding: string, done: () => void): void {
    done();
  }
}

interface Bench {
  readonly stream: Source;
  readonly reading: StreamReading;
  /** What was read, and how it ended. */
  readonly told: string[];
}

const clock = new FakeClock();

function setTurn(run: () => void): void {
  void setImmediate().then(run);
}

function open(turns: ReadingTurns, onCommand: (name: string) => void = () => undefined): Bench {
  const stream = new Source();
  const told: string[] = [];
  const reading = new StreamReading(stream, new CommandReader(new Set(["MSG"])), turns, clock, {
    take: ({ name, args, payload }: Command) => {
      told.push([name, ...args, String(payload ?? "")].join(" "));
      onCommand(name);
    },
    onEnd: ({ code }: MsnError) => void told.push(code),
  });
  return { stream, reading, told };
}

/** `count` messages, numbered. */
function messages(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, at) => `MSG a b ${String(at).length}\r\n${at}`).join(""));
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `MSG a b ${String(at).length} ${at}`);
}

describe("msn/net/stream-reading", () => {
  it("reads a share in a turn, and goes on in the next ones", async () => {
    const counts: number[] = [];
    const { stream, reading, told } = open(new ReadingTurns({ commands: 10, ms: 60_000 }));
    reading.start();
    stream.push(messages(35));
    while (told.length < 35) {
      await setImmediate();
      counts.push(told.length);
    }
    expect(counts.filter((count, at) => count !== counts[at - 1])).to.deep.equal([10, 20, 30, 35]);
    expect(told).to.deep.equal(numbers(35));
    expect(reading.isBehind).to.equal(false);
    // It reads at once again.
    stream.push("QNG\r\n");
    await until("the next", () => told.length === 36);
  });

  it("goes on in the next turn also when the time of one is over, whatever a command costs", async () => {
    let ms = 0;
    const turns = new ReadingTurns({ ms: 10 }, setTurn, () => ms);
    const counts: number[] = [];
    const { stream, reading, told } = open(turns, () => void (ms += 3));
    reading.start();
    stream.push(messages(18));
    while (told.length < 18) {
      await setImmediate();
      counts.push(told.length);
    }
    expect(counts.filter((count, at) => count !== counts[at - 1])).to.deep.equal([4, 8, 12, 16, 18]);
  });

  it("keeps one who has little to say waiting for a bounded share of what a flood brings", async () => {
    const turns = new ReadingTurns({ commands: 16, ms: 60_000 });
    const floods = Array.from({ length: 5 }, () => open(turns));
    let after: readonly number[] = [];
    const quiet = open(turns, () => void (after = floods.map(({ told }) => told.length)));
    for (const { reading, stream } of floods) {
      reading.start();
      stream.push(messages(5000));
    }
    await setImmediate();
    const before = floods.map(({ told }) => told.length);
    quiet.reading.start();
    quiet.stream.push("QNG\r\n");
    await until("the quiet one", () => after.length > 0);
    for (const [at, count] of after.entries()) expect(count - (before[at] ?? 0)).to.be.at.most(2 * 16);
    await until("all", () => floods.every(({ told }) => told.length === 5000));
    for (const { told } of floods) expect(told).to.deep.equal(numbers(5000));
  });

  it("keeps no more than it has been given when it pauses", async () => {
    const { stream, reading, told } = open(new ReadingTurns({ commands: 1, ms: 60_000 }));
    reading.start();
    for (let chunk = 0; chunk < 100; chunk += 1) stream.push(messages(100));
    await setImmediate();
    expect(told.length).to.be.lessThan(10);
    // The rest is where the stream, and behind it the network, keeps it.
    expect(stream.readableLength).to.be.greaterThan(98 * messages(100).length);
    expect(reading.isBehind).to.equal(true);
    stream.destroy();
    await until("the end", () => told.at(-1) === "connection-closed");
    expect(told.length).to.equal(100 * 100 + 1);
  });

  const ENDS: ReadonlyArray<[what: string, end: (stream: Source) => void]> = [
    ["ends", (stream) => void stream.push(null)],
    ["is closed", (stream) => void stream.destroy()],
    ["breaks", (stream) => void stream.destroy(new Error("reset"))],
  ];
  for (const [what, end] of ENDS) {
    it(`tells that the stream ${what} behind all that came before`, async () => {
      const { stream, reading, told } = open(new ReadingTurns({ commands: 3, ms: 60_000 }));
      reading.start();
      stream.push(messages(20));
      stream.push(messages(20));
      await setImmediate();
      end(stream);
      await until("the end", () => told.at(-1) === "connection-closed");
      expect(told).to.deep.equal([...numbers(20), ...numbers(20), "connection-closed"]);
    });

    it(`tells that the stream ${what} before it is read`, async () => {
      const { stream, reading, told } = open(new ReadingTurns());
      stream.push(messages(5));
      end(stream);
      await setImmediate();
      reading.start();
      await until("the end", () => told.at(-1) === "connection-closed");
      expect(told).to.deep.equal([...numbers(5), "connection-closed"]);
    });

    it(`knows that the stream ${what} while it is held, and reads what came before afterwards`, async () => {
      let commands = 0;
      const { stream, reading, told } = open(new ReadingTurns({ commands: 3, ms: 60_000 }), () => {
        commands += 1;
        if (commands === 4) reading.hold("conversation");
      });
      reading.start();
      stream.push(messages(10));
      await until("the hold", () => commands === 4);
      expect(reading.end).to.equal(undefined);
      end(stream);
      for (let turn = 0; turn < 3; turn += 1) await setImmediate();
      expect(told).to.deep.equal(numbers(4));
      // A stream that is not read does not say that it ends.
      if (stream.destroyed) expect(reading.end).to.include({ code: "connection-closed" });
      reading.goOn("conversation");
      await until("the end", () => told.at(-1) === "connection-closed");
      expect(told).to.deep.equal([...numbers(10), "connection-closed"]);
    });
  }

  it("stops between two commands when it is held by what the first one brings, and goes on behind it", async () => {
    const { stream, reading, told } = open(new ReadingTurns(), (name) => {
      if (name === "BYE") reading.hold("conversation");
    });
    reading.start();
    stream.push("JOI\r\nBYE\r\nQNG\r\n");
    await until("the second", () => told.length === 2);
    await setImmediate();
    expect(told.map((line) => line.trim())).to.deep.equal(["JOI", "BYE"]);
    reading.goOn("conversation");
    await until("the third", () => told.length === 3);
  });

  it("is held until no reason is left, also before it starts", async () => {
    const { stream, reading, told } = open(new ReadingTurns());
    reading.hold("client");
    reading.hold("conversation");
    reading.start();
    stream.push("QNG\r\n");
    reading.goOn("client");
    await setImmediate();
    expect(told).to.deep.equal([]);
    reading.goOn("client");
    reading.goOn("conversation");
    await until("the command", () => told.length === 1);
  });

  it("reports nothing more once it is stopped, in the middle of a chunk too", async () => {
    const { stream, reading, told } = open(new ReadingTurns(), (name) => {
      if (name === "BYE") reading.stop();
    });
    reading.start();
    stream.push("JOI\r\nBYE\r\nQNG\r\n");
    stream.push("QNG\r\n");
    stream.push(null);
    await until("the end", () => stream.readableEnded);
    expect(told.map((line) => line.trim())).to.deep.equal(["JOI", "BYE"]);
  });

  it("ends where what comes makes no sense", async () => {
    const { stream, reading, told } = open(new ReadingTurns());
    reading.start();
    stream.push("QNG\r\nMSG a b c\r\nQNG\r\n");
    await until("the end", () => told.length === 2);
    expect(told.map((line) => line.trim())).to.deep.equal(["QNG", "protocol"]);
  });

  it("reads the same commands in the same order, however they are cut, shared and held", async () => {
    const step = fc.oneof(
      fc.integer({ min: 1, max: 300 }).map((bytes) => ({ type: "push", bytes }) as const),
      fc.constant({ type: "turn" } as const),
      fc.constantFrom("client" as const, "conversation" as const).map((hold) => ({ type: "hold", hold }) as const),
      fc.constantFrom("client" as const, "conversation" as const).map((hold) => ({ type: "go on", hold }) as const),
    );
    const share = fc.record({ commands: fc.integer({ min: 1, max: 9 }), bytes: fc.integer({ min: 1, max: 200 }) });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), share, async (steps, limits) => {
      const { stream, reading, told } = open(new ReadingTurns(limits));
      const bytes = messages(80);
      let at = 0;
      reading.start();
      for (const one of steps) {
        if (one.type === "push" && at < bytes.length) stream.push(bytes.subarray(at, (at += one.bytes)));
        if (one.type === "turn") await setImmediate();
        if (one.type === "hold") reading.hold(one.hold);
        if (one.type === "go on") reading.goOn(one.hold);
      }
      if (at < bytes.length) stream.push(bytes.subarray(at));
      stream.push(null);
      for (const hold of ["client", "conversation"] as const) reading.goOn(hold);
      await until("the end", () => told.at(-1) === "connection-closed");
      expect(told).to.deep.equal([...numbers(80), "connection-closed"]);
    });
    await fc.assert(property, { numRuns: 60 });
  });
});
