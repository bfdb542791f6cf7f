import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run, type Run } from "./conductor.ts";
import { isGood, MESSAGE_FAULTS, OTHER_FAULTS } from "./ledger.ts";

// Kills the bridge again and again under traffic, and keeps a ledger of every message.
//
//     npm run test:kill -- --kills 20 [--seed N] [--portals N]

const MOST_PROBLEMS = 50;

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/u.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`);
  return Number(text);
}

function print(seed: number, { verdict, moments, duration, ...numbers }: Run): void {
  const { messages, others, delivered, told, unknowable, mostTurns, problems } = verdict;
  console.log(`\nKilled ${[...moments].map(([moment, count]) => `${moment}: ${count}`).join(", ")}.\n`);
  // What must be 0 comes first, by kind.
  line("must be 0", "to Matrix", "to MSN");
  for (const kind of MESSAGE_FAULTS) line(kind, messages[kind].toMatrix, messages[kind].toMsn);
  for (const kind of OTHER_FAULTS) line(kind, others[kind]);
  console.log("");
  line("delivered", delivered.toMatrix, delivered.toMsn);
  const rows = { told, unknowable, mostTurns, seed, seconds: Math.round(duration / 1000), ...numbers };
  for (const [name, value] of Object.entries(rows)) line(name, String(value));
  for (const problem of problems.slice(0, MOST_PROBLEMS)) console.log(problem);
  if (problems.length > MOST_PROBLEMS) console.log(`and ${problems.length - MOST_PROBLEMS} more`);
}

function line(name: string, ...values: readonly (string | number)[]): void {
  console.log(`${name.padEnd(20)}${values.map((value) => ` ${String(value).padStart(10)}`).join("")}`);
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { kills: text, seed: text, portals: text } });
  const kills = readNumber("kills", values.kills) ?? 20;
  const seed = readNumber("seed", values.seed) ?? randomInt(1_000_000_000);
  const portals = readNumber("portals", values.portals);
  const folder = mkdtempSync(join(tmpdir(), "msn-kill-"));
  console.log(`Seed ${seed}; the bridge's log and database are in ${folder} until all went well.`);
  const result = await run({ kills, seed, portals, folder, say: (words) => console.log(words) });
  print(seed, result);
  const isFine = isGood(result.verdict) && result.exitCode === 0;
  if (isFine) rmSync(folder, { recursive: true, force: true });
  return isFine ? 0 : 1;
}

// Cut short, it still takes the bridge with it.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
process.exitCode = await main();
