import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { z } from "zod";

// Loaded into the bridge before its own code, by --import, so that nothing of the bridge has to know of it. It answers
// what the conductor asks through the channel between the processes.

const EVERY_MS = 10;

const question = z.object({
  id: z.int(),
  ask: z.enum(["turn", "memory", "profile", "keep"]),
  file: z.string().optional(),
});
const delay = monitorEventLoopDelay({ resolution: EVERY_MS });
delay.enable();
const inspector = new Session();

/** The longest turn of the loop since the last question, in milliseconds; at most 10 too long. */
function longestTurn(): number {
  const longest = delay.max / 1e6;
  delay.reset();
  return longest;
}

async function startProfile(): Promise<void> {
  inspector.connect();
  await inspector.post("Profiler.enable");
  await inspector.post("Profiler.start");
}

async function keepProfile(file: string): Promise<void> {
  const { profile } = await inspector.post("Profiler.stop");
  writeFileSync(file, JSON.stringify(profile));
}

async function answer({ ask, file = "" }: z.output<typeof question>): Promise<unknown> {
  switch (ask) {
    case "turn":
      return longestTurn();
    case "memory":
      globalThis.gc?.();
      return process.memoryUsage();
    case "profile":
      return startProfile();
    case "keep":
      return keepProfile(file);
  }
}

process.on("message", (message) => {
  const asked = question.parse(message);
  void answer(asked).then((result) => process.send?.({ id: asked.id, result: result ?? null }));
});
// The bridge ends when it has nothing more to do, asked or not.
process.channel?.unref();
