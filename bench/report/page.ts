import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { ceilingOf } from "./ceiling.ts";
import { markdownOf } from "./table.ts";
import type { Results } from "./results.ts";

const PAGE = join(import.meta.dirname, "../../docs/performance.md");
const [BEGIN, END] = ["<!-- measured: npm run bench writes this -->", "<!-- end of what is measured -->"];

/** Puts the newest figures into the page, where the old ones stood. */
export async function writePage(results: Results, order: readonly string[]): Promise<void> {
  const [before = "", rest] = readFileSync(PAGE, "utf8").split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${PAGE} has no place for what is measured`);
  const page = [before, BEGIN, "\n\n", measured(results, order), "\n\n", END, after].join("");
  writeFileSync(PAGE, await format(page, { ...(await resolveConfig(PAGE)), filepath: PAGE }));
}

/** @param order of the names of all cases: what is missing is named */
export function measured({ machine, cases }: Results, order: readonly string[]): string {
  const { processor, cores, memoryGb, system, node, sqlite, bridge, commitUs } = machine;
  const days = [...new Set(cases.map(({ day }) => day))].toSorted();
  const missing = order.filter((name) => cases.every((one) => one.name !== name)).map((name) => `\`${name}\``);
  return [
    `Measured on ${days.join(", ")}: version ${bridge}, Node ${node}, SQLite ${sqlite}, ${system}, ${processor}, ${cores} cores,`,
    `${memoryGb.toFixed(0)} GB of memory; one durable commit takes ${commitUs.toFixed(0)} µs. The figures are medians,`,
    `but the longest turn is that of all runs. Runs of each case: ${cases.map(({ name, runs }) => `${name} ${runs}`).join(", ")}.`,
    ...(missing.length > 0 ? [`\n**Not finished, so without figures: ${missing.join(", ")}.**`] : []),
    `\n${markdownOf(cases)}\n\n${ceilingOf(cases)}`,
  ].join("\n");
}
