import type { Figure } from "../report/figure.ts";
import { sleep } from "../stage/clock.ts";
import { plantCopies, plantTemplate, type Crowd } from "../stage/seed.ts";
import { settle } from "../stage/settle.ts";
import { Stage } from "../stage/stage.ts";
import { memoryOf, usageOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

const EACH = { contacts: 150, rooms: 10, online: 10 };
// Memory a login is the difference between two counts; the last count is the one that is timed.
const COUNTS = { smoke: [2, 4, 6], quick: [20, 100, 200], full: [100, 400, 1000] };
const MANY_ROOMS = {
  smoke: { logins: 2, contacts: 10, rooms: 10, online: 0 },
  quick: { logins: 20, contacts: 100, rooms: 100, online: 0 },
  full: { logins: 100, contacts: 100, rooms: 100, online: 0 },
};
const IDLE_MS = { smoke: 100, quick: 2000, full: 15_000 };
// For the thousand of a full run.
const MUST_SECONDS = 25;

interface Online {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly longestTurn: number;
  readonly rss: number;
  /** How much of a core they take when nothing happens. */
  readonly idleShare: number;
}

async function run(context: CaseContext): Promise<Figure[]> {
  const { folder, scale, say } = context;
  const stage = await Stage.open(folder);
  try {
    await plantTemplate(stage, { ...EACH, logins: 1 });
    const steps: { logins: number; memory: { rss: number; heap: number }; online: Online }[] = [];
    let planted = 1;
    for (const logins of COUNTS[scale]) {
      await plantCopies(stage, { ...EACH, logins }, planted);
      planted = logins;
      const { online, memory } = await signInAll(stage, logins, context);
      steps.push({ logins, memory, online });
      say(
        `${logins} logins: ${online.seconds.toFixed(1)} s, ${memory.rss.toFixed(0)} MB, turn ${online.longestTurn.toFixed(0)} ms`,
      );
    }
    const [few, some, all] = steps;
    if (few === undefined || some === undefined || all === undefined) throw new Error("nothing was measured");
    const eachKb = (of: "rss" | "heap"): number =>
      ((some.memory[of] - few.memory[of]) * 1024) / (some.logins - few.logins);
    return [
      {
        what: "memory a login",
        unit: "KB",
        bridge: eachKb("rss"),
        limits: { of: "value", better: "less", must: 120, goal: 60 },
      },
      { what: "heap a login", unit: "KB", bridge: eachKb("heap") },
      ...figuresOf(all.online, all.logins, scale === "full" ? MUST_SECONDS : undefined),
    ];
  } finally {
    await stage.close();
  }
}

async function runRooms(context: CaseContext): Promise<Figure[]> {
  const crowd: Crowd = MANY_ROOMS[context.scale];
  const stage = await Stage.open(context.folder);
  try {
    await plantTemplate(stage, crowd);
    await plantCopies(stage, crowd);
    const { online } = await signInAll(stage, crowd.logins, context);
    return figuresOf(online, crowd.logins);
  } finally {
    await stage.close();
  }
}

function figuresOf(
  { seconds, cpuMs, longestTurn, rss, idleShare }: Online,
  logins: number,
  mostSeconds?: number,
): Figure[] {
  return [
    {
      what: `${logins} logins online`,
      unit: "s",
      bridge: seconds,
      ...(mostSeconds !== undefined && { limits: { of: "value", better: "less", must: mostSeconds } }),
    },
    { what: "CPU a login, with the start", unit: "ms", bridge: cpuMs / logins },
    { what: "CPU when nothing happens", unit: "% of a core", bridge: idleShare * 100 },
    { what: "memory when all are online", unit: "MB", bridge: rss },
    {
      what: "longest turn of the loop",
      unit: "ms",
      bridge: longestTurn,
      limits: { of: "value", better: "less", must: 200 },
    },
  ];
}

async function signInAll(
  stage: Stage,
  logins: number,
  { scale, profile }: CaseContext,
): Promise<{ online: Online; memory: { rss: number; heap: number } }> {
  const bridge = stage.launchBridge({ collects: true, isProfiled: profile !== undefined });
  try {
    await stage.untilOnline(bridge, logins);
    const seconds = (performance.now() - bridge.startedAt) / 1000;
    const { cpuMs } = usageOf(bridge.pid);
    const rss = memoryOf(bridge.pid, "VmRSS");
    await settle(bridge.pid);
    const longestTurn = await bridge.longestTurn();
    const before = usageOf(bridge.pid).cpuMs;
    await sleep(IDLE_MS[scale]);
    const idleShare = (usageOf(bridge.pid).cpuMs - before) / IDLE_MS[scale];
    await bridge.keepProfile(profile);
    const memory = await bridge.memory();
    await bridge.stop();
    return { online: { seconds, cpuMs, longestTurn, rss, idleShare }, memory };
  } finally {
    await bridge.kill();
  }
}

export const logins: BenchCase = { name: "logins", title: "logins with 150 contacts and 10 idle rooms", run };
export const rooms: BenchCase = { name: "rooms", title: "logins with 100 rooms each", run: runRooms };
