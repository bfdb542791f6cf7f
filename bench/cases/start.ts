import { connect } from "node:net";
import { once } from "node:events";
import { median, type Figure } from "../report/figure.ts";
import { Stage } from "../stage/stage.ts";
import { memoryOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

const IDLE_MS = { smoke: 100, quick: 3000, full: 5000 };
const TRY_EVERY_MS = 5;

// Without a probe inside, and with the caches that the first start has filled.
async function run({ folder, scale, runs, say }: CaseContext): Promise<Figure[]> {
  const stage = await Stage.open(folder);
  try {
    const measured: { rss: number; listening: number }[] = [];
    for (let at = 0; at <= runs; at += 1) {
      const bridge = stage.launchBridge({ isProbed: false });
      try {
        await untilListening(stage.ports.bridge);
        const listening = performance.now() - bridge.startedAt;
        await bridge.prints("connected to the homeserver");
        await new Promise((resolve) => setTimeout(resolve, IDLE_MS[scale]));
        const rss = memoryOf(bridge.pid, "VmRSS");
        if (at > 0) measured.push({ rss, listening: listening / 1000 });
        say(`run ${at}: ${rss.toFixed(0)} MB, ${listening.toFixed(0)} ms`);
        await bridge.stop();
      } finally {
        await bridge.kill();
      }
    }
    const of = (what: "rss" | "listening"): number => median(measured.map((one) => one[what]));
    return [
      { what: "memory", unit: "MB", bridge: of("rss"), limits: { of: "value", better: "less", must: 115, goal: 100 } },
      {
        what: "start to listening",
        unit: "s",
        bridge: of("listening"),
        limits: { of: "value", better: "less", goal: 0.7 },
      },
    ];
  } finally {
    await stage.close();
  }
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
  }
}

export const start: BenchCase = { name: "start", title: "nobody logged in", run };
