import { writeFileSync } from "node:fs";
import type { Profiler } from "node:inspector";
import type { Session } from "node:inspector/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { OwnShares } from "./own-shares.ts";

// Loaded into the bridge before its own code, by --import, so that nothing of the bridge has to know of it. It answers
// what the conductor asks through the channel between the processes. It is small, because the memory of the bridge is
// measured, and imports only what is copied beside it, because it runs from a folder of its own.

const EVERY_MS = 10;

const delay = monitorEventLoopDelay({ resolution: EVERY_MS });
delay.enable();
let inspector: Session | undefined;
let shares: OwnShares | undefined;

/** The longest turn of the loop since the last question, in milliseconds; at most 10 too long. */
function longestTurn(): number {
  const longest = delay.max / 1e6;
  delay.reset();
  return longest;
}

async function startProfile(): Promise<void> {
  const { Session: Inspector } = await import("node:inspector/promises");
  inspector = new Inspector();
  inspector.connect();
  await inspector.post("Profiler.enable");
  await inspector.post("Profiler.start");
}

async function keepProfile(file: string): Promise<void> {
  const stopped: Profiler.StopReturnType | undefined = await inspector?.post("Profiler.stop");
  writeFileSync(file, JSON.stringify(stopped?.profile));
}

function memory(): NodeJS.MemoryUsage {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage();
}

async function watchShares(sentence: string): Promise<void> {
  const { OwnShares: Shares, watchSockets } = await import("./own-shares.ts");
  shares = new Shares(sentence);
  watchSockets(shares);
}

async function answer(ask: string, about: string): Promise<unknown> {
  if (ask === "turn") return longestTurn();
  if (ask === "memory") return memory();
  if (ask === "profile") return startProfile();
  if (ask === "watch") return watchShares(about);
  if (ask === "shares") return shares?.take();
  return keepProfile(about);
}

process.on("message", ({ id, ask, about }: { id: number; ask: string; about: string }) => {
  void answer(ask, about).then((result) => process.send?.({ id, result: result ?? null }));
});
// The bridge ends when it has nothing more to do, asked or not.
process.channel?.unref();
if (process.env["MSN_BENCH_PROFILE"] !== undefined) await startProfile();
