import { percentile, type Figure } from "../report/figure.ts";
import { Duel, type Side } from "../stage/duel.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// The own share of a message's way: from the bytes that the MSN server writes to the request that the homeserver has
// read whole, or from the transaction that the homeserver writes to the message that the MSN server has read. What either
// takes to answer is not in it.

const PORTALS = 50;
const EVERY_MS = 100;
const COUNT = { smoke: 5, quick: 40, full: 60 };
const MUST_P95 = 6;
const SHARES = [
  ["p50", 0.5],
  ["p95", 0.95],
  ["p99", 0.99],
] as const;

async function run(context: CaseContext): Promise<Figure[]> {
  const count = COUNT[context.scale];
  const duel = await Duel.open(context, PORTALS);
  try {
    const ways = [
      { name: "MSN to Matrix", carry: async (side: Side) => duel.delaysToMatrix(side, count, EVERY_MS) },
      { name: "Matrix to MSN", carry: async (side: Side) => duel.delaysToMsn(side, count, EVERY_MS) },
    ];
    for (const { carry } of ways) for (const side of ["bridge", "floor"] as const) await carry(side);
    if (context.profile !== undefined) await duel.bridge.startProfile();
    const figures: Figure[] = [];
    for (const { name, carry } of ways) {
      const delays: Record<Side, number[]> = { bridge: [], floor: [] };
      for (let at = 0; at < context.runs; at += 1)
        for (const side of ["bridge", "floor"] as const) delays[side].push(...(await carry(side)));
      figures.push(...SHARES.map(([label, share]) => figure(`${name}, ${label}`, delays, share)));
    }
    await duel.bridge.keepProfile(context.profile);
    return figures;
  } finally {
    await duel.close();
  }
}

function figure(what: string, { bridge, floor }: Record<Side, number[]>, share: number): Figure {
  const [own, least] = [percentile(bridge, share), percentile(floor, share)];
  return {
    what,
    unit: "ms",
    bridge: own,
    floor: least,
    ratio: own / least,
    ...(what.endsWith("p95") && { limits: { of: "value", better: "less", must: MUST_P95 } }),
  };
}

export const latency: BenchCase = { name: "latency", title: "own share of latency at 10 messages a second", run };
