import { z } from "zod";
import { longestTurn, overRuns, percentile, type Figure } from "../report/figure.ts";
import type { BenchBridge } from "../stage/bridge.ts";
import { sharedNow, sleep } from "../stage/clock.ts";
import { settle } from "../stage/settle.ts";
import { PASSWORD, Stage } from "../stage/stage.ts";
import { everywhere, mustBeWhole, received, type Received } from "../stage/tally.ts";
import { memoryOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// One contact writes to one user without end: there are always so many messages more on their way than have arrived.
// Meanwhile another contact writes to another user ten times a second, and the homeserver sends transactions with nothing
// in them.

const AHEAD = { smoke: 100, quick: 5000, full: 20_000 };
const SECONDS = { smoke: 1, quick: 8, full: 30 };
const IDLE_SECONDS = { smoke: 1, quick: 4, full: 10 };
const [FLOODED, CALM] = ["mia", "zoe"] as const;
const EVERY_MS = 100;
const TOP_UP_MS = 20;
const SENTENCE = "The train is late again, so I shall be there at about half past seven.";

const times = z.array(z.number());

interface Calm {
  /** How long each message of the other user took, in milliseconds. */
  readonly messages: readonly number[];
  /** How long each empty transaction took. */
  readonly transactions: readonly number[];
}

interface Measured {
  readonly idle: Calm;
  readonly flood: Calm;
  readonly rate: number;
  /** The most that it took meanwhile. */
  readonly memory: number;
  readonly turn: number;
}

interface Places {
  readonly flooded: string;
  readonly calm: string;
}

async function run(context: CaseContext): Promise<Figure[]> {
  const stage = await Stage.open(context.folder);
  const bridge = await stage.startBridge();
  try {
    const rooms = await signInBoth(stage);
    await settle(bridge.pid);
    const before = memoryOf(bridge.pid, "VmRSS");
    if (context.profile !== undefined) await bridge.startProfile();
    const runs: Figure[][] = [];
    for (let at = 0; at < context.runs; at += 1) {
      const { memory, ...rest } = await floodOnce(stage, bridge, rooms, context);
      runs.push(figures({ ...rest, memory: memory - before }));
    }
    await bridge.keepProfile(context.profile);
    return overRuns(runs);
  } finally {
    await bridge.kill();
    await stage.close();
  }
}

async function floodOnce(
  stage: Stage,
  bridge: BenchBridge,
  rooms: Places,
  { scale, say }: CaseContext,
): Promise<Measured> {
  const [idleCount, count] = [IDLE_SECONDS[scale], SECONDS[scale]].map((seconds) => seconds * (1000 / EVERY_MS));
  const idle = await listen(stage, rooms.calm, idleCount ?? 0);
  await bridge.longestTurn();
  const start = sharedNow();
  const pour = pourOut(stage, bridge, AHEAD[scale], SECONDS[scale] * 1000);
  const during = watch(stage, count ?? 0);
  const { said, peak } = await pour;
  const delays = await during;
  const end = await stage.homeserver.ask(z.number(), "until", said + delays.sent.length);
  await settle(bridge.pid);
  const all = await stage.homeserver.ask(received, "take");
  mustBeWhole(
    all,
    new Map([...everywhere([rooms.flooded], 1, said), ...everywhere([rooms.calm], 1, delays.sent.length)]),
  );
  say(`${said} messages of one contact, all of them there after ${((end - start) / 1000).toFixed(0)} s`);
  return {
    idle,
    flood: { messages: delaysIn(all, rooms.calm, delays.sent), transactions: delays.empty },
    rate: (said * 1000) / (end - start),
    memory: peak,
    turn: await bridge.longestTurn(),
  };
}

async function signInBoth(stage: Stage): Promise<Places> {
  const { homeserver, msn } = stage;
  const rooms: string[] = [];
  for (const owner of [FLOODED, CALM]) {
    const contact = `${owner}s`;
    await msn.order("people", { owner, password: PASSWORD, contacts: [contact], online: [contact] });
    await homeserver.order("sign in", [owner, `${owner}@example.com`, PASSWORD]);
    await msn.order("speak", { to: owner, contacts: [contact], texts: ["0 hello"] });
    await homeserver.order("until", rooms.length + 1);
    rooms.push((await stage.portals(owner)).get(contact) ?? "");
  }
  mustBeWhole(await homeserver.ask(received, "take"), everywhere(rooms, 0, 1));
  const [flooded = "", calm = ""] = rooms;
  return { flooded, calm };
}

/** @returns how many messages were said, and the most megabytes that the bridge took meanwhile */
async function pourOut(
  { homeserver, msn }: Stage,
  bridge: BenchBridge,
  ahead: number,
  ms: number,
): Promise<{ said: number; peak: number }> {
  const end = sharedNow() + ms;
  let said = 0;
  let peak = 0;
  while (sharedNow() < end) {
    const missing = ahead - (said - (await homeserver.ask(z.int(), "count")));
    const texts = Array.from({ length: Math.max(0, missing) }, (_, at) => `${said + 1 + at} ${SENTENCE}`);
    if (texts.length > 0) await msn.order("speak", { to: FLOODED, contacts: [`${FLOODED}s`], texts });
    said += texts.length;
    peak = Math.max(peak, memoryOf(bridge.pid, "VmRSS"));
    await sleep(TOP_UP_MS);
  }
  return { said, peak };
}

/** The other user's messages and the empty transactions, while they are all that there is. */
async function listen(stage: Stage, room: string, count: number): Promise<Calm> {
  const { sent, empty } = await watch(stage, count);
  await stage.homeserver.order("until", count);
  const all = await stage.homeserver.ask(received, "take");
  mustBeWhole(all, everywhere([room], 1, count));
  return { messages: delaysIn(all, room, sent), transactions: empty };
}

/** @returns when the messages were said, and how long the transactions took */
async function watch({ homeserver, msn }: Stage, count: number): Promise<{ sent: number[]; empty: number[] }> {
  const texts = Array.from({ length: count }, (_, at) => `${1 + at} ${SENTENCE}`);
  const speech = { to: CALM, contacts: [`${CALM}s`], texts, everyMs: EVERY_MS };
  const [sent, empty] = await Promise.all([
    msn.ask(times, "pace", speech),
    homeserver.ask(times, "empty", [count, EVERY_MS]),
  ]);
  return { sent, empty };
}

function delaysIn(all: Received, room: string, sent: readonly number[]): number[] {
  return (all[room] ?? []).map(([number, at]) => at - (sent[number - 1] ?? at));
}

function p95(numbers: readonly number[]): number {
  return percentile(numbers, 0.95);
}

function figures({ idle, flood, rate, memory, turn }: Measured): Figure[] {
  const [calm, loud] = [p95(idle.messages), p95(flood.messages)];
  return [
    { what: "another user's message, p95 when idle", unit: "ms", bridge: calm },
    { what: "another user's message, p95", unit: "ms", bridge: loud },
    { what: "this beside idle", unit: "", bridge: loud / calm, limits: { of: "value", better: "less", must: 3 } },
    { what: "an empty transaction, p95 when idle", unit: "ms", bridge: p95(idle.transactions) },
    {
      what: "an empty transaction, p95",
      unit: "ms",
      bridge: p95(flood.transactions),
      limits: { of: "value", better: "less", must: 150 },
    },
    { what: "messages a second of the flood", unit: "", bridge: rate },
    { what: "memory more than when idle", unit: "MB", bridge: memory },
    longestTurn(turn),
  ];
}

export const flood: BenchCase = { name: "flood", title: "one contact floods", run };
