import { compared, longestTurn, type Figure, type Limits } from "../report/figure.ts";
import { Duel, type Cost, type Side } from "../stage/duel.ts";
import type { BenchCase, CaseContext, Scale } from "./case.ts";

const PORTALS = 50;

interface Traffic {
  readonly name: string;
  readonly title: string;
  /** How many messages each room gets in a run. */
  readonly each: Readonly<Record<Scale, number>>;
  readonly limits: Readonly<Record<"rate" | "cpu" | "written", Partial<Limits>>>;
  readonly carry: (duel: Duel, side: Side, each: number) => Promise<Cost>;
}

/** A case in which bridge and floor carry the same messages in turn, in 50 rooms each. */
export function traffic({ name, title, each, limits, carry }: Traffic): BenchCase {
  const run = async (context: CaseContext): Promise<Figure[]> => {
    const duel = await Duel.open(context, PORTALS);
    try {
      const count = each[context.scale];
      // What runs for the first time is compiled meanwhile.
      for (const side of ["bridge", "floor"] as const) await carry(duel, side, Math.ceil(count / 2));
      if (context.profile !== undefined) await duel.bridge.startProfile();
      const runs: Record<Side, Cost>[] = [];
      for (let at = 1; at <= context.runs; at += 1) {
        const bridge = await carry(duel, "bridge", count);
        const floor = await carry(duel, "floor", count);
        runs.push({ bridge, floor });
        context.say(`run ${at}: ${describe(bridge)}; floor ${describe(floor)}`);
      }
      await duel.bridge.keepProfile(context.profile);
      return figures(runs, limits);
    } finally {
      await duel.close();
    }
  };
  return { name, title, run };
}

function figures(runs: readonly Record<Side, Cost>[], limits: Traffic["limits"]): Figure[] {
  const both = (of: (cost: Cost) => number): { bridge: number; floor: number }[] =>
    runs.map(({ bridge, floor }) => ({ bridge: of(bridge), floor: of(floor) }));
  return [
    compared(
      "messages a second",
      "",
      both(({ rate }) => rate),
      { better: "more", ...limits.rate },
    ),
    compared(
      "CPU a message",
      "ms",
      both(({ cpuMs }) => cpuMs),
      { better: "less", ...limits.cpu },
    ),
    compared(
      "written a message",
      "KB",
      both(({ written }) => written / 1024),
      { better: "less", ...limits.written },
    ),
    longestTurn(Math.max(...runs.map(({ bridge }) => bridge.longestTurn))),
  ];
}

function describe({ rate, cpuMs, written }: Cost): string {
  return `${rate.toFixed(0)}/s, ${cpuMs.toFixed(2)} ms, ${(written / 1024).toFixed(1)} KB`;
}
