import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BridgeProcess } from "../test/support/bridge-process.ts";
import { MIA, NILS, TestBridge } from "../test/support/test-bridge.ts";
import { until } from "../test/support/until.ts";

// How much memory the bridge takes at most while it carries a file of 10 MB and one of 100 MB, each both ways, and how
// fast that goes. The bridge is a process of its own, as people run it; the homeserver and the MSN servers are in this one.
//
//     npm run bench:bridge-files
//
// Linux tells the most that a process has ever had in memory (VmHWM in /proc/<pid>/status).

const MEGABYTE = 1024 * 1024;
const SIZES = [10, 100];
const ROUNDS = 3;
const MOST_MORE = 20;
const LIMIT_MS = 120_000;

interface Figures {
  readonly peak: number;
  readonly inMs: number;
  readonly outMs: number;
}

function contentAt(offset: number, length: number): Buffer {
  return Buffer.alloc(length, offset & 0xff);
}

async function measure(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function carry(size: number): Promise<Figures> {
  const bridge = await TestBridge.open({ keys: { media: { allow_private_addresses: true } } });
  bridge.fake.media.uploadLimit = 2 * size;
  const child = new BridgeProcess(["-c", join(bridge.folder.path, "config.yaml")]);
  try {
    await child.prints("connected to the homeserver");
    await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    nils.onOffer = () => "accept";
    await nils.say(MIA.passport, "hello");
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
    const inMs = await measure(async () => {
      const { type } = await nils.offerFile(MIA.passport, { name: "in.bin", size, content: contentAt });
      if (type !== "sent") throw new Error(`the file to Matrix is ${type}`);
      await until(
        "the file in the room",
        () => JSON.stringify(bridge.alice.messages(room)).includes("in.bin"),
        LIMIT_MS,
      );
    });
    const url = bridge.fake.media.put({ size, read: contentAt }, "application/octet-stream", "out.bin");
    const outMs = await measure(async () => {
      bridge.alice.send(room, "m.room.message", { msgtype: "m.file", body: "out.bin", url });
      await until("the file on MSN", () => nils.files.length > 0, LIMIT_MS);
    });
    return { peak: peakOf(child.pid), inMs, outMs };
  } finally {
    await child.kill();
    await bridge.close();
  }
}

/** In megabytes. */
function peakOf(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const peaks: number[] = [];
for (const size of SIZES) {
  const rounds: Figures[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await carry(size * MEGABYTE));
  const speed = (of: (figures: Figures) => number): string =>
    (size / (median(rounds.map(of)) / 1000)).toFixed(0).padStart(5);
  const peak = median(rounds.map((figures) => figures.peak));
  peaks.push(peak);
  console.log(
    `${String(size).padStart(4)} MB  peak ${peak.toFixed(0)} MB` +
      `  to Matrix ${speed(({ inMs }) => inMs)} MB/s  to MSN ${speed(({ outMs }) => outMs)} MB/s`,
  );
}
const [small = 0, large = 0] = peaks;
const isOk = large - small <= MOST_MORE;
console.log(`${(large - small).toFixed(0)} MB more for the large one; at most ${MOST_MORE}: ${isOk ? "ok" : "FAIL"}`);
if (!isOk) process.exitCode = 1;
