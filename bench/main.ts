import { mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CASES } from "./cases.ts";
import type { BenchCase, Scale } from "./cases/case.ts";
import { writePage } from "./report/page.ts";
import { keepResults, type CaseResult } from "./report/results.ts";
import { describeMachine } from "./report/machine.ts";
import { textOf } from "./report/table.ts";

// What the bridge takes for what it does, beside the least that anybody would have to do.
//
//     npm run bench -- [--quick | --smoke] [--only CASE]... [--runs N] [--keep] [--cpu-prof]
//
// Every case is run five times. A whole run takes about forty minutes, and what it measures goes to bench/results.json and docs/performance.md; that of
// single cases only with `--keep`. Each case is kept as soon as it is done. `--quick` takes about five minutes; `--smoke` takes one, and only looks whether everything
// arrives. The profile is of what is measured, one file for each case in bench/profiles.
//
// What single parts of the bridge take is measured by the programs in bench/parts.

const RUNS: Readonly<Record<Scale, number>> = { smoke: 1, quick: 2, full: 5 };
const ORDER = CASES.map(({ name }) => name);
const PROFILES = join(import.meta.dirname, "profiles");
const ABOUT =
  "No limits of the servers (throttles: false, rate_limited: false); a stub of a homeserver that answers at once and gives " +
  "the bridge its own events back.\n";
const TMPFS = 0x01021994;

interface Wish {
  readonly cases: readonly BenchCase[];
  readonly scale: Scale;
  readonly runs: number;
  readonly hasProfile: boolean;
  /** Whether what is measured goes into the files. */
  readonly isKept: boolean;
}

function readWish(): Wish {
  const yes = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    options: {
      quick: yes,
      smoke: yes,
      only: { type: "string", multiple: true },
      runs: { type: "string" },
      "cpu-prof": yes,
      keep: yes,
    },
  });
  const scale = values.smoke ? "smoke" : values.quick ? "quick" : "full";
  const names = values.only ?? ORDER;
  const cases = names.map((name) => {
    const found = CASES.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no case "${name}"; there are ${ORDER.join(", ")}`);
    return found;
  });
  const runs = Number(values.runs ?? RUNS[scale]);
  if (!Number.isInteger(runs) || runs < 1) throw new Error("--runs must be a whole number");
  if (values.keep && scale !== "full") throw new Error("--keep is for what is measured at full scale");
  const isWhole = scale === "full" && values.only === undefined && !values["cpu-prof"];
  return { cases, scale, runs, hasProfile: values["cpu-prof"], isKept: isWhole || values.keep };
}

function say(words: string): void {
  console.log(`  ${words}`);
}

async function runCase(one: BenchCase, { scale, runs, hasProfile }: Wish, folder: string): Promise<CaseResult> {
  const profile = hasProfile ? join(PROFILES, `${one.name}.cpuprofile`) : undefined;
  if (hasProfile) mkdirSync(PROFILES, { recursive: true });
  console.log(`${one.name}: ${one.title}`);
  const start = performance.now();
  const figures = await one.run({ folder: join(folder, one.name), scale, runs, profile, say });
  say(`${((performance.now() - start) / 1000).toFixed(0)} s`);
  return { name: one.name, title: one.title, day: new Date().toISOString().slice(0, 10), runs, figures };
}

/** @returns the exit code */
async function main(): Promise<number> {
  const wish = readWish();
  console.log(ABOUT);
  const folder = mkdtempSync(join(tmpdir(), "msn-bench-"));
  if (statfsSync(folder).type === TMPFS) throw new Error(`${folder} is in memory: set TMPDIR to a folder on a disk`);
  const machine = describeMachine();
  const finished: CaseResult[] = [];
  const failed: string[] = [];
  for (const one of wish.cases) {
    try {
      finished.push(await runCase(one, wish, folder));
    } catch (error) {
      failed.push(one.name);
      console.error(`FAIL ${one.name}:`, error);
    }
    if (wish.isKept) await writePage(keepResults({ machine, finished, failed }, ORDER), ORDER);
  }
  if (wish.scale !== "smoke") console.log(`\n${textOf(finished)}`);
  if (failed.length > 0) {
    console.error(`\nFAILED: ${failed.join(", ")}; logs and databases are in ${folder}`);
    return 1;
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(`\nEvery message arrived once and in order.`);
  return 0;
}

// What a case that failed has left running ends with this process.
process.exit(await main());
