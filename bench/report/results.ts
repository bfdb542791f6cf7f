import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { figure } from "./figure.ts";
import { describeMachine, machine } from "./machine.ts";

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

/**
 * Keeps what was measured, in place of what was measured of these cases before.
 * @param order of the names of all cases
 */
export function keepResults(fresh: readonly CaseResult[], order: readonly string[]): Results {
  const before = existsSync(FILE) ? results.parse(JSON.parse(readFileSync(FILE, "utf8"))).cases : [];
  const all = new Map([...before, ...fresh].map((one) => [one.name, one]));
  const kept = { machine: describeMachine(), cases: order.flatMap((name) => all.get(name) ?? []) };
  writeFileSync(FILE, `${JSON.stringify(kept, undefined, 2)}\n`);
  return kept;
}
