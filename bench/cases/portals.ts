import { z } from "zod";
import { median, type Figure } from "../report/figure.ts";
import { sharedNow, sleep } from "../stage/clock.ts";
import { personOf, plantCopies, plantTemplate } from "../stage/seed.ts";
import { settle } from "../stage/settle.ts";
import { plantSettledRows } from "../stage/settled-rows.ts";
import { Stage } from "../stage/stage.ts";
import { everywhere, mustBeWhole, received } from "../stage/tally.ts";
import { usageOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// What a message costs does not grow with what else there is. The messages are those of the same ten portals each time,
// both ways; the other portals are those of other users, who are online. What these take when nothing is said, to keep their
// connections, is taken off.

const ROOMS = 10;
const OWNER = personOf(0);
const STEPS = {
  smoke: { logins: [1, 3], rows: 100, each: 5 },
  quick: { logins: [1, 20], rows: 100_000, each: 60 },
  full: { logins: [1, 100, 1000], rows: 300_000, each: 150 },
};
const IDLE_MS = { smoke: 100, quick: 3000, full: 10_000 };
const MUST_GROWTH = 1.25;
const SENTENCE = "The train is late again, so I shall be there at about half past seven.";

interface Cost {
  readonly name: string;
  readonly inMs: number;
  readonly outMs: number;
}

async function run({ folder, scale, runs, say }: CaseContext): Promise<Figure[]> {
  const { logins, rows, each } = STEPS[scale];
  const stage = await Stage.open(folder);
  try {
    const crowd = { logins: 1, contacts: ROOMS, rooms: ROOMS, online: 0 };
    const rooms = await plantTemplate(stage, crowd);
    const costs: Cost[] = [];
    const take = async (name: string, online: number): Promise<void> => {
      const cost = await costOf(stage, rooms, { logins: online, each, runs, idleMs: IDLE_MS[scale] });
      say(`${name}: in ${cost.inMs.toFixed(2)} ms, out ${cost.outMs.toFixed(2)} ms`);
      costs.push({ name, ...cost });
    };
    let planted = 1;
    for (const count of logins) {
      await plantCopies(stage, { ...crowd, logins: count }, planted);
      planted = count;
      await take(`${count * ROOMS} portals`, count);
    }
    plantSettledRows(stage, rows, 1);
    await take(`${rows} settled rows as well`, planted);
    return costs.flatMap((cost, at) => figuresOf(cost, at === 0 ? undefined : costs[0]));
  } finally {
    await stage.close();
  }
}

async function costOf(
  stage: Stage,
  rooms: string[],
  { logins, each, runs, idleMs }: { logins: number; each: number; runs: number; idleMs: number },
): Promise<Omit<Cost, "name">> {
  const { homeserver, msn } = stage;
  const contacts = rooms.map((_, at) => `${OWNER}c${at}`);
  const bridge = stage.launchBridge();
  try {
    await stage.untilOnline(bridge, logins);
    await settle(bridge.pid);
    let idleShare = 0;
    let next = 1;
    const carry = async (isIn: boolean): Promise<number> => {
      const texts = Array.from({ length: each }, (_, at) => `${next + at} ${SENTENCE}`);
      const [listener, conversations] = isIn ? [homeserver, rooms] : [msn, contacts];
      const before = usageOf(bridge.pid).cpuMs;
      const start = sharedNow();
      if (isIn) await msn.order("speak", { to: OWNER, contacts, texts });
      else
        await homeserver.order("speak", {
          to: "bridge",
          sender: `@${OWNER}:localhost`,
          rooms,
          texts,
          perTransaction: 1,
        });
      await listener.ask(z.number(), "until", each * rooms.length);
      await settle(bridge.pid);
      const cpuMs = usageOf(bridge.pid).cpuMs - before - idleShare * (sharedNow() - start);
      mustBeWhole(await listener.ask(received, "take"), everywhere(conversations, next, each));
      next += each;
      return cpuMs / (each * rooms.length);
    };
    // The first time is compiled meanwhile, and what the start has left for later is done.
    for (const isIn of [true, false]) await carry(isIn);
    const idle = usageOf(bridge.pid).cpuMs;
    await sleep(idleMs);
    idleShare = (usageOf(bridge.pid).cpuMs - idle) / idleMs;
    const [ins, outs]: [number[], number[]] = [[], []];
    for (let at = 0; at < runs; at += 1) {
      ins.push(await carry(true));
      outs.push(await carry(false));
    }
    await bridge.stop();
    return { inMs: median(ins), outMs: median(outs) };
  } finally {
    await bridge.kill();
  }
}

/** @param first beside which this is judged */
function figuresOf({ name, inMs, outMs }: Cost, first: Cost | undefined): Figure[] {
  const costs: Figure[] = [
    { what: `CPU a message to Matrix, ${name}`, unit: "ms", bridge: inMs },
    { what: `CPU a message to MSN, ${name}`, unit: "ms", bridge: outMs },
  ];
  if (first === undefined) return costs;
  const growth = (inMs + outMs) / (first.inMs + first.outMs);
  const limits = { of: "value", better: "less", must: MUST_GROWTH } as const;
  return [...costs, { what: "this beside the first", unit: "", bridge: growth, limits }];
}

export const portals: BenchCase = { name: "portals", title: "cost a message by what else there is", run };
