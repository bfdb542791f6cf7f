import { compared, percentile, type Figure } from "../report/figure.ts";
import { Duel, type Delays, type Side } from "../stage/duel.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// The whole way of a message: from the bytes that the MSN server writes to the request that the homeserver has read whole, or
// from the transaction that the homeserver writes to the message that the MSN server has read. What either takes to answer
// is not in it, but what the machine takes to wake up three processes one after the other is. The own share of it is the
// time between the socket that is read and the one that is written, in the process that carries the message.

const PORTALS = 50;
const EVERY_MS = 100;
const COUNT = { smoke: 5, quick: 30, full: 60 };
// So often in every room, without pause: a bridge that has run for a day does not interpret its code any more.
const WARM_UP = { smoke: 1, quick: 20, full: 40 };
const MUST_P95 = { of: "value", better: "less", must: 6 } as const;
const SIDES = ["bridge", "floor"] as const;
const PARTS = [
  ["own share", "own"],
  ["whole way", "whole"],
] as const;
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
    for (const side of SIDES) {
      await duel.toMatrix(side, WARM_UP[context.scale]);
      await duel.toMsn(side, WARM_UP[context.scale], 1);
    }
    await duel.watchShares();
    for (const { carry } of ways) for (const side of SIDES) await carry(side);
    if (context.profile !== undefined) await duel.bridge.startProfile();
    const figures: Figure[] = [];
    for (const { name, carry } of ways) {
      const delays: Record<Side, Delays>[] = [];
      for (let at = 0; at < context.runs; at += 1)
        delays.push({ bridge: await carry("bridge"), floor: await carry("floor") });
      for (const [what, part] of PARTS) {
        for (const [label, share] of SHARES) {
          const runs = delays.map(({ bridge, floor }) => ({
            bridge: percentile(bridge[part], share),
            floor: percentile(floor[part], share),
          }));
          const judged = part === "own" && label === "p95" ? MUST_P95 : undefined;
          figures.push(compared(`${name}, ${what}, ${label}`, "ms", runs, judged));
        }
      }
    }
    await duel.bridge.keepProfile(context.profile);
    return figures;
  } finally {
    await duel.close();
  }
}

export const latency: BenchCase = { name: "latency", title: "latency at 10 messages a second", run };
