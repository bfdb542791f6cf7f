import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { figure } from "./figure.ts";
import { machine, type Machine } from "./machine.ts";

const FILE = join(import.meta.dirname, "../results.json");

const caseResult = z.object({
  name: z.string(),
  title: z.string(),
  /** The day on which it was measured. */
  day: z.string(),
  runs: z.int(),
  figures: z.array(figure),
});

/** What one case has given. */
export type CaseResult = z.output<typeof caseResult>;

const results = z.object({ machine, cases: z.array(caseResult) });

export type Results = z.output<typeof results>;

/** What a run has given. */
export interface Outcome {
  readonly machine: Machine;
  readonly finished: readonly CaseResult[];
  /** The names of the cases that failed. */
  readonly failed: readonly string[];
}

/**
 * Keeps what was measured, in place of what was measured of these cases before. Of a case that failed nothing is kept.
 * @param order of the names of all cases
 */
export function keepResults(outcome: Outcome, order: readonly string[]): Results {
  const before = existsSync(FILE) ? results.parse(JSON.parse(readFileSync(FILE, "utf8"))).cases : [];
  const kept = joinResults(before, outcome, order);
  writeFileSync(FILE, `${JSON.stringify(kept, undefined, 2)}\n`);
  return kept;
}

export function joinResults(
  before: readonly CaseResult[],
  { machine: newest, finished, failed }: Outcome,
  order: readonly string[],
): Results {
  const all = new Map([...before, ...finished].map((one) => [one.name, one]));
  for (const name of failed) all.delete(name);
  return { machine: newest, cases: order.flatMap((name) => all.get(name) ?? []) };
}
