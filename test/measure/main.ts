import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Files } from "../support/architecture.ts";
import { NAMES_TWICE } from "../support/architecture-rules.ts";
import * as figures from "./figures.ts";

// Figures about the source and about what one message costs. Exits with 1 when a must is broken.
//
//     npm run measure
//     npm run measure -- PATH     the same of another checkout first, for a comparison

const ABORTED = "Aborted when the bridge stops.";
const LONG = 250;
const ROADS_MS = 120_000;
const RUNS = 3;

const roadsAnswer = z.array(
  z.object({
    road: z.string(),
    decryptions: z.number(),
    rowReads: z.number(),
    commits: z.number(),
    requests: z.number(),
    paths: z.record(z.string(), z.number()),
  }),
);

/** A line of the table, and what it may be at most where that is a must. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly most?: number;
  /** What has been counted. */
  readonly found?: readonly string[];
}

function readSource(checkout: string): Files {
  const src = join(checkout, "src");
  const entries = readdirSync(src, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(src, path), readFileSync(path, "utf8")]));
}

function figuresOf(files: Files): Figure[] {
  const twice = figures.namesTwice(files);
  const unjustified = twice.filter(([name]) => !(name in NAMES_TWICE));
  const spreads = figures.bagSpreads(files);
  const circles = figures.circles(files);
  const long = figures.longFiles(files, LONG);
  const [fullest] = figures.filesByFolder(files);
  return [
    { name: "code lines, without sandbox and demo", value: figures.codeLines(files) },
    { name: "folders", value: figures.filesByFolder(files).length },
    { name: `most files flat in one folder (${fullest?.[0]})`, value: fullest?.[1] ?? 0 },
    { name: "arrows between folders", value: figures.arrowsBetweenFolders(files) },
    { name: "types named Options", value: figures.optionsTypes(files).length },
    { name: "whole bags spread", value: spreads.length, most: 0, found: spreads },
    { name: `copies of "${ABORTED}"`, value: figures.copiesOf(ABORTED, files) },
    { name: "names exported twice", value: twice.length },
    {
      name: "of these without a reason",
      value: unjustified.length,
      most: 0,
      found: unjustified.map(([name, where]) => `${name}: ${where.join(", ")}`),
    },
    { name: "import circles", value: circles.length, most: 0, found: circles },
    { name: `files of more than ${LONG} lines`, value: long.length, found: long },
  ];
}

async function roadsOf(checkout: string): Promise<Figure[]> {
  const program = join(checkout, "test/measure/roads.ts");
  if (!existsSync(program)) return [];
  const args = [program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: checkout, timeout: ROADS_MS });
  const roads = roadsAnswer.parse(JSON.parse(stdout));
  return roads.flatMap(({ road, decryptions, rowReads, commits, requests, paths }) => [
    { name: `${road}: decryptions`, value: decryptions, most: 1 },
    { name: `${road}: row reads`, value: rowReads, most: 1 },
    { name: `${road}: commits`, value: commits, most: 2 },
    {
      name: `${road}: requests`,
      value: requests,
      most: 1,
      found: Object.entries(paths).map(([path, count]) => `${path}: ${count}`),
    },
  ]);
}

function isBroken({ value, most }: Figure): boolean {
  return most !== undefined && value > most;
}

async function measure(checkout: string, runs: number): Promise<Figure[]> {
  let roads = await roadsOf(checkout);
  // A machine that does other things makes the bridge ask what it would have been told a second later.
  for (let run = 2; run <= runs && roads.some(isBroken); run += 1) roads = await roadsOf(checkout);
  return [...figuresOf(readSource(checkout)), ...roads];
}

const here = resolve(import.meta.dirname, "../..");
const [other] = process.argv.slice(2);
const before = other === undefined ? [] : await measure(resolve(other), 1);
const now = await measure(here, RUNS);
const broken = now.filter(isBroken);

// The folder that is the fullest is another one elsewhere.
const key = (name: string): string => name.replace(/ \(.*\)$/u, "");
for (const { name, value, most } of now) {
  const old = before.find((one) => key(one.name) === key(name))?.value;
  const was = other === undefined ? "" : String(old ?? "-").padStart(9);
  process.stdout.write(
    `${name.padEnd(58)}${was}${String(value).padStart(9)}${most === undefined ? "" : `   must: ${most}`}\n`,
  );
}
for (const { name, most, found = [] } of broken) {
  process.stdout.write(`\n${name}: more than ${most}\n${found.map((line) => `  ${line}\n`).join("")}`);
}
process.exitCode = broken.length > 0 ? 1 : 0;
