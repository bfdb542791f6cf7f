import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { msnp8 } from "../../src/msn/dialect/msnp8.ts";
import { MsnError } from "../../src/msn/index.ts";
import { Connection } from "../../src/msn/net/connection.ts";
import { SwitchboardClient } from "../../src/msn/chat/switchboard.ts";
import { NO_LOG } from "../../src/msn/base/log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { eat, soups, SoupStream } from "./soup.ts";

// Feeds the MSN client with bytes that no honest server sends, and then with ones that never end.
//
//     npm run test:soup -- [--runs 200000] [--seed N]

const MEGABYTE = 1024 * 1024;
const ENDLESS = 64 * MEGABYTE;
const SOCKET = 64 * 1024;
const MOST_GROWTH = 24 * MEGABYTE;

// `#` stands for a number that is never the same, as long as it is.
const HEAD = "Content-Type: text/plain\r\nMessage-ID: {########}\r\n";

/** What a server could send for ever, and how each of it would have to end. */
const STREAMS: ReadonlyArray<readonly [what: string, piece: string, end: "protocol" | "more"]> = [
  ["a line without an end", "A".repeat(1000), "protocol"],
  ["empty lines", "\r\n".repeat(500), "more"],
  ["commands that nobody knows", "XYZ 1 2 3 4 5 6 7 8 9\r\n".repeat(50), "more"],
  ["answers that nobody asked for", "ACK 5\r\nUSR 9 OK a@x A\r\n217 7\r\n".repeat(30), "more"],
  ["a payload that is too large", `MSG b@x B 1048577\r\n${"x".repeat(1000)}`, "protocol"],
  ["payloads as large as may be", `MSG b@x B 1048576\r\n${"x".repeat(MEGABYTE)}`, "more"],
  ["first parts of messages", `MSG b@x B ${HEAD.length + 613}\r\n${HEAD}Chunks: 900\r\n${"x".repeat(600)}`, "more"],
  ["people who come and go", "JOI b@x B\r\nBYE b@x\r\n".repeat(50), "more"],
];

async function feedEndlessly(piece: string): Promise<{ end: "protocol" | "more"; growth: number }> {
  const before = await memory();
  const clock = new FakeClock();
  const stream = new SoupStream(0);
  const connection = new Connection({ stream, payloadCommands: msnp8.payloadCommands, clock, log: NO_LOG });
  let end: MsnError | undefined;
  const nothing = (): undefined => undefined;
  const listener = { onJoin: nothing, onLeave: nothing, onContent: nothing, onClose: nothing };
  const board = new SwitchboardClient({ connection, account: "a@x", clock, log: NO_LOG, listener });
  const asked = board.signIn("1").catch((error: unknown) => (end = error instanceof MsnError ? error : undefined));
  const isFull = (): boolean => stream.readableLength > SOCKET && !connection.isClosed;
  for (let sent = 0; sent < ENDLESS && !connection.isClosed; sent += piece.length) {
    stream.serve(Buffer.from(piece.replace("########", String(sent).padStart(8, "0"))));
    // Like a socket it brings no more before that has been taken, so that only what is kept adds up.
    do {
      await new Promise((resolve) => setImmediate(resolve));
    } while (isFull());
  }
  const growth = (await memory()) - before;
  const how = connection.isClosed ? "protocol" : "more";
  connection.close();
  stream.destroy();
  await asked;
  if (how === "protocol" && end?.code !== "protocol") throw new Error(`it ended with ${end?.code ?? "nothing"}`);
  return { end: how, growth };
}

// Buffers are given back a little after the collection that found them unused.
async function memory(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function feedStreams(): Promise<boolean> {
  let isFine = true;
  for (const [what, piece, expected] of STREAMS) {
    const { end, growth } = await feedEndlessly(piece);
    const isGood = end === expected && growth < MOST_GROWTH;
    isFine &&= isGood;
    const words = end === "protocol" ? "a protocol error" : "it is read on";
    console.log(`${isGood ? "ok  " : "FAIL"} ${what}: ${words}, ${(growth / MEGABYTE).toFixed(1)} MiB more memory`);
  }
  return isFine;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { runs: { type: "string" }, seed: { type: "string" } } });
  const numRuns = Number(values.runs ?? 200_000);
  const seed = Number(values.seed ?? randomInt(2 ** 31 - 1));
  console.log(`${numRuns} soups, seed ${seed}; the same again: npm run test:soup -- --runs ${numRuns} --seed ${seed}`);
  const start = performance.now();
  const codes = new Map<string, number>();
  const property = fc.asyncProperty(soups, async (soup) => {
    for (const { code } of await eat(soup)) codes.set(code, (codes.get(code) ?? 0) + 1);
  });
  // A promise that nobody looks after ends the process with an error of its own.
  const result = await fc.check(property, { numRuns, seed });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(fc.defaultReportMessage(result) ?? `All went well in ${seconds} seconds.`);
  console.log([...codes].map(([code, count]) => `${code}: ${count}`).join(", "));
  const isFine = await feedStreams();
  return !result.failed && isFine ? 0 : 1;
}

process.exitCode = await main();
