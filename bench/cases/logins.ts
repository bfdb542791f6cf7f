import { longestTurn, median, overRuns, type Figure } from "../report/figure.ts";
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

/** Megabytes. */
interface Memory {
  readonly rss: number;
  readonly heap: number;
}

interface Online {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly turn: number;
  readonly rss: number;
  /** How much of a core they take when nothing happens. */
  readonly idleShare: number;
}

/** What runs with so many logins have given. */
interface Step {
  readonly logins: number;
  readonly memory: Memory[];
  readonly online: Online[];
}

async function run(context: CaseContext): Promise<Figure[]> {
  const { folder, scale, say } = context;
  const stage = await Stage.open(folder);
  try {
    await plantTemplate(stage, { ...EACH, logins: 1 });
    const steps: Step[] = [];
    let planted = 1;
    for (const logins of COUNTS[scale]) {
      await plantCopies(stage, { ...EACH, logins }, planted);
      planted = logins;
      const step: Step = { logins, memory: [], online: [] };
      for (let at = 0; at < context.runs; at += 1) {
        const { online, memory } = await signInAll(stage, logins, context);
        step.memory.push(memory);
        step.online.push(online);
        say(
          `${logins} logins: ${online.seconds.toFixed(1)} s, ${memory.rss.toFixed(0)} MB, turn ${online.turn.toFixed(0)} ms`,
        );
      }
      steps.push(step);
    }
    const [few, some, all] = steps;
    if (few === undefined || some === undefined || all === undefined) throw new Error("nothing was measured");
    const usual = (step: Step, of: keyof Memory): number => median(step.memory.map((one) => one[of]));
    const eachKb = (of: keyof Memory): number =>
      ((usual(some, of) - usual(few, of)) * 1024) / (some.logins - few.logins);
    return [
      {
        what: "memory a login",
        unit: "KB",
        bridge: eachKb("rss"),
        limits: { of: "value", better: "less", must: 120, goal: 60 },
      },
      { what: "heap a login", unit: "KB", bridge: eachKb("heap") },
      ...overRuns(all.online.map((one) => figuresOf(one, all.logins, scale === "full" ? MUST_SECONDS : undefined))),
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
    const runs: Figure[][] = [];
    for (let at = 0; at < context.runs; at += 1) {
      const { online } = await signInAll(stage, crowd.logins, context);
      runs.push(figuresOf(online, crowd.logins));
    }
    return overRuns(runs);
  } finally {
    await stage.close();
  }
}

function figuresOf({ seconds, cpuMs, turn, rss, idleShare }: Online, logins: number, mostSeconds?: number): Figure[] {
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
    longestTurn(turn),
  ];
}

async function signInAll(
  stage: Stage,
  logins: number,
  { scale, profile }: CaseContext,
): Promise<{ online: Online; memory: Memory }> {
  const bridge = stage.launchBridge({ collects: true, isProfiled: profile !== undefined });
  try {
    await stage.untilOnline(bridge, logins);
    const seconds = (performance.now() - bridge.startedAt) / 1000;
    const { cpuMs } = usageOf(bridge.pid);
    const rss = memoryOf(bridge.pid, "VmRSS");
    await settle(bridge.pid);
    const turn = await bridge.longestTurn();
    const before = usageOf(bridge.pid).cpuMs;
    await sleep(IDLE_MS[scale]);
    const idleShare = (usageOf(bridge.pid).cpuMs - before) / IDLE_MS[scale];
    await bridge.keepProfile(profile);
    const memory = await bridge.memory();
    await bridge.stop();
    return { online: { seconds, cpuMs, turn, rss, idleShare }, memory };
  } finally {
    await bridge.kill();
  }
}

export const logins: BenchCase = { name: "logins", title: "logins with 150 contacts and 10 idle rooms", run };
export const rooms: BenchCase = { name: "rooms", title: "logins with 100 rooms each", run: runRooms };
