import type { Figure } from "./figure.ts";
import type { CaseResult } from "./results.ts";

/** What one process can carry, as far as it has been measured; sentences. */
export function ceilingOf(cases: readonly CaseResult[]): string {
  const find = (name: string, what: RegExp): Figure | undefined =>
    cases.find((one) => one.name === name)?.figures.find((figure) => what.test(figure.what));
  const value = (name: string, what: RegExp): number => find(name, what)?.bridge ?? Number.NaN;
  const logins = Number.parseInt(find("logins", /logins online$/u)?.what ?? "", 10);
  const share = value("logins", /^CPU when nothing happens$/u);
  const memory = value("logins", /^memory a login$/u);
  const toMatrix = value("in-50", /^messages a second$/u);
  const toMsn = value("out-1", /^messages a second$/u);
  if ([logins, share, memory, toMatrix, toMsn].some(Number.isNaN)) return "";
  return [
    `So one process carries ${toMatrix.toFixed(0)} messages a second to Matrix or ${toMsn.toFixed(0)} to MSN, which is its ceiling on this machine.`,
    `${logins} logins in which nothing happens take ${share.toFixed(1)} % of a core and ${((logins * memory) / 1024).toFixed(0)} MB:`,
    `about ${roundly((logins * 50) / share)} of them would fill half a core, with the other half left for messages.`,
  ].join("\n");
}

/** Two digits of it: more are not known. */
function roundly(number: number): number {
  return Number.isFinite(number) ? Number(number.toPrecision(2)) : 0;
}
