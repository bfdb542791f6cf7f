import { longestTurn, type Figure } from "../report/figure.ts";
import { plantTemplate } from "../stage/seed.ts";
import { settle } from "../stage/settle.ts";
import { plantSettledRows, rowsAreSwept } from "../stage/settled-rows.ts";
import { Stage } from "../stage/stage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// Older than what the bridge keeps, which it looks at when it starts.

const ROWS = { smoke: [1000], quick: [100_000], full: [100_000, 300_000] };
const CROWD = { logins: 1, contacts: 10, rooms: 10, online: 0 };
const [PLANTED_DAYS, KEPT_DAYS] = [40, 35] as const;

async function run(context: CaseContext): Promise<Figure[]> {
  const stage = await Stage.open(context.folder);
  try {
    await plantTemplate(stage, CROWD);
    const figures: Figure[] = [];
    for (const rows of ROWS[context.scale]) {
      const turns: number[] = [];
      for (let at = 0; at < context.runs; at += 1) turns.push(await sweepOnce(stage, rows, context));
      figures.push(longestTurn(Math.max(...turns), `, ${rows} rows`));
    }
    return figures;
  } finally {
    await stage.close();
  }
}

/** @returns the longest turn of the loop, in milliseconds */
async function sweepOnce(stage: Stage, rows: number, { profile, say }: CaseContext): Promise<number> {
  plantSettledRows(stage, rows, PLANTED_DAYS);
  const bridge = await stage.startBridge({ isProfiled: profile !== undefined });
  try {
    await rowsAreSwept(stage, KEPT_DAYS);
    const seconds = (performance.now() - bridge.startedAt) / 1000;
    await settle(bridge.pid);
    const turn = await bridge.longestTurn();
    await bridge.keepProfile(profile);
    await bridge.stop();
    say(`${rows} rows: gone ${seconds.toFixed(1)} s after the start, turn ${turn.toFixed(0)} ms`);
    return turn;
  } finally {
    await bridge.kill();
  }
}

export const sweep: BenchCase = { name: "sweep", title: "start, and sweep of settled rows", run };
