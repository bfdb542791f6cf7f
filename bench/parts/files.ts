import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { MsnClient, type FileOptions, type MsnEvent } from "../../src/msn/index.ts";
import { TestSandbox } from "../../test/support/sandbox/test-sandbox.ts";

// How fast a file goes from one client to another, beside the same bytes through two plain sockets, in both ways of
// connecting; and how much memory a large file takes beside a small one.
//
//     npm run bench:files
//
// Sender and receiver are in one process, so the memory is that of both. Each figure of memory comes from processes of
// their own. Every read of a socket takes 64 KiB, which the runtime clears away only when some ten megabytes have
// gathered, for two plain sockets as well. That hides whether a part of the file is held, so it is judged by processes
// whose runtime clears away sooner. Printed are medians; the ratios hardly depend on the machine.

const MEGABYTE = 1024 * 1024;
const SPEED_SIZE = 100 * MEGABYTE;
const ROUNDS = 5;
const SMALL_SIZE = 10 * MEGABYTE;
const MOST_MORE = 20;
const EAGER = ["--max-semi-space-size=1"];
const CHUNK = 64 * 1024;

const MIA = { passport: "mia@example.com", password: "secret" };
const NILS = { passport: "nils@example.com", password: "secret" };

const LISTENS: FileOptions = {
  publicAddress: "127.0.0.1",
  listenHost: "127.0.0.1",
  ports: [0, 0],
  allowPrivateAddresses: true,
};
const CONNECTS: FileOptions = { allowPrivateAddresses: true };

/** A stream of so many bytes that takes no memory for them. */
function source(size: number): Readable {
  const chunk = Buffer.alloc(CHUNK, "The quick brown fox. ");
  let left = size;
  return new Readable({
    highWaterMark: CHUNK,
    read() {
      const part = chunk.subarray(0, Math.min(left, CHUNK));
      left -= part.length;
      this.push(part.length === 0 ? null : part);
    },
  });
}

/** Takes bytes, and only counts them. */
class Drain extends Writable {
  bytes = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes += chunk.length;
    done();
  }
}

/** The least that has to be done: the bytes through a connection of two sockets. */
async function pipe(size: number): Promise<void> {
  const drain = new Drain();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  const accepted: Promise<unknown[]> = once(server, "connection");
  const sender = connect(address.port, "127.0.0.1");
  const [receiver] = await accepted;
  if (!(receiver instanceof Socket)) throw new Error("nobody has connected");
  await Promise.all([pipeline(source(size), sender), pipeline(receiver, drain)]);
  server.close();
  if (drain.bytes !== size) throw new Error(`${drain.bytes} bytes have come, and not ${size}`);
}

/** Two clients that are signed in, and the sandbox under them. */
class Stage {
  readonly #sandbox: TestSandbox;
  readonly #sender: MsnClient;
  readonly #receiver: MsnClient;

  private constructor(sandbox: TestSandbox, mine: FileOptions, theirs: FileOptions) {
    this.#sandbox = sandbox;
    const server = { host: sandbox.host, port: sandbox.port, nexusUrl: sandbox.nexusUrl };
    this.#sender = new MsnClient({ server, account: MIA.passport, password: MIA.password, files: mine });
    this.#receiver = new MsnClient({ server, account: NILS.passport, password: NILS.password, files: theirs });
  }

  static async open(mine: FileOptions, theirs: FileOptions): Promise<Stage> {
    const sandbox = await TestSandbox.start({ accounts: [MIA, NILS] });
    sandbox.befriend(MIA.passport, NILS.passport, true);
    const stage = new Stage(sandbox, mine, theirs);
    await stage.#receiver.connect();
    await stage.#sender.connect();
    return stage;
  }

  async send(size: number): Promise<void> {
    const drain = new Drain();
    const accept = (event: MsnEvent): void => {
      if (event.type === "file") event.offer.accept(drain);
    };
    this.#receiver.on("event", accept);
    const file = { name: "a.bin", size, content: () => source(size) };
    const { state } = await this.#sender.sendFile(NILS.passport, file).done;
    this.#receiver.off("event", accept);
    if (state !== "done" || drain.bytes !== size) throw new Error(`the file is ${state}, ${drain.bytes} bytes of it`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#sender.disconnect(), this.#receiver.disconnect()]);
    await this.#sandbox.stop();
  }
}

async function measure(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function compareSpeed(): Promise<void> {
  const stages = [await Stage.open(LISTENS, CONNECTS), await Stage.open(CONNECTS, LISTENS)];
  const [sending, receiving] = stages;
  const contenders = [
    { name: "two plain sockets", run: () => pipe(SPEED_SIZE), times: [] as number[] },
    { name: "a file, the sender listens", run: async () => sending?.send(SPEED_SIZE), times: [] as number[] },
    { name: "a file, the receiver listens", run: async () => receiving?.send(SPEED_SIZE), times: [] as number[] },
  ];
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { run, times } of contenders) {
      const ms = await measure(run);
      // The first round warms up.
      if (round > 0) times.push(ms);
    }
  }
  for (const stage of stages) await stage.close();
  console.log(`${SPEED_SIZE / MEGABYTE} MB, ${ROUNDS} rounds in turn; medians`);
  const plain = contenders[0]?.times ?? [];
  for (const { name, times } of contenders) {
    const speed = SPEED_SIZE / MEGABYTE / (median(times) / 1000);
    const ratio = median(times.map((ms, round) => (plain[round] ?? Number.NaN) / ms));
    console.log(`${name.padEnd(30)} ${speed.toFixed(0).padStart(6)} MB/s   ${ratio.toFixed(2)}`);
  }
}

const CARRIERS: Readonly<Record<string, (size: number) => Promise<void>>> = {
  "two plain sockets": pipe,
  "a file": async (size) => {
    const stage = await Stage.open(LISTENS, CONNECTS);
    await stage.send(size);
    await stage.close();
  },
};

/** The peak memory of processes that carry so many bytes, in megabytes. */
function peakOf(carrier: string, size: number, flags: readonly string[]): number {
  const args = [...process.execArgv, ...flags, import.meta.filename, carrier, String(size)];
  return median(Array.from({ length: ROUNDS }, () => Number(execFileSync(process.execPath, args))));
}

/** @returns how many megabytes more the large file takes */
function compareMemory(carrier: string, what: string, flags: readonly string[]): number {
  const [small, large] = [SMALL_SIZE, SPEED_SIZE].map((size) => peakOf(carrier, size, flags));
  if (small === undefined || large === undefined) throw new Error("nothing was measured");
  const more = large - small;
  console.log(
    `${`${carrier}, ${what}`.padEnd(34)} ${small.toFixed(0).padStart(4)} MB ${large.toFixed(0).padStart(4)} MB   ${more.toFixed(0).padStart(3)} MB more`,
  );
  return more;
}

const [carrier, size] = process.argv.slice(2);
if (carrier === undefined) {
  await compareSpeed();
  console.log(
    `peak memory at ${SMALL_SIZE / MEGABYTE} MB and at ${SPEED_SIZE / MEGABYTE} MB; medians of ${ROUNDS} processes`,
  );
  for (const name of Object.keys(CARRIERS)) compareMemory(name, "as it is", []);
  const more = compareMemory("a file", "eagerly collected", EAGER);
  console.log(more < MOST_MORE ? "ok: nothing of a file is held" : "FAIL: a large file takes more memory");
  process.exitCode = more < MOST_MORE ? 0 : 1;
} else {
  await CARRIERS[carrier]?.(Number(size));
  console.log(process.resourceUsage().maxRSS / 1024);
}
