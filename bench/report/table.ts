import { verdictOf, type Figure } from "./figure.ts";
import type { CaseResult } from "./results.ts";

const COLUMNS = ["case", "figure", "bridge", "floor", "of the floor", "must", "goal", ""] as const;

/** The cells of every row; the case stands in its first row only. */
function rowsOf(results: readonly CaseResult[]): string[][] {
  return results.flatMap(({ title, figures }) =>
    figures.map((figure, at) => [
      at === 0 ? title : "",
      figure.unit === "" ? figure.what : `${figure.what} (${figure.unit})`,
      number(figure.bridge),
      number(figure.floor),
      number(figure.ratio),
      limit(figure, figure.limits?.must),
      limit(figure, figure.limits?.goal),
      verdictOf(figure),
    ]),
  );
}

/** The same as a table of Markdown. */
export function markdownOf(results: readonly CaseResult[]): string {
  const under = COLUMNS.map((_, at) => (at < 2 ? "---" : "--:"));
  return [COLUMNS, under, ...rowsOf(results)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The rows under each other, for a terminal. */
export function textOf(results: readonly CaseResult[]): string {
  const rows = [[...COLUMNS], ...rowsOf(results)];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}

function number(value: number | undefined): string {
  if (value === undefined) return "";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

function limit({ limits }: Figure, value: number | undefined): string {
  if (limits === undefined || value === undefined) return "";
  return `${limits.better === "more" ? "≥" : "≤"} ${number(value)}`;
}
