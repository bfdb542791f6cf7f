import { readFileSync } from "node:fs";
import { z } from "zod";

// Where the time of a profile went: functions and files by their own time.
//
//     node bench/top.ts bench/profiles/in-50.cpuprofile [HOW-MANY]

const profile = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
      children: z.array(z.int()).default([]),
    }),
  ),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});

const [file = "", most = "40"] = process.argv.slice(2);
const { nodes, samples, timeDeltas } = profile.parse(JSON.parse(readFileSync(file, "utf8")));
const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
const parents = new Map(nodes.flatMap(({ callFrame, children }) => children.map((id) => [id, callFrame])));
const byFunction = new Map<string, number>();
const byFile = new Map<string, number>();
let busy = 0;
for (const [at, id] of samples.entries()) {
  const frame = frames.get(id);
  const micros = timeDeltas[at] ?? 0;
  if (frame === undefined || frame.functionName === "(idle)" || frame.functionName === "(program)") continue;
  busy += micros;
  // What is not JavaScript, a statement of SQLite for example, counts for who called it.
  const isNative = frame.functionName === "" && frame.url === "";
  const { functionName, url, lineNumber } = (isNative ? parents.get(id) : undefined) ?? frame;
  const where = url.replace(/^file:\/\/.*?\/(dist|node_modules)\//u, "$1/");
  const name = `${isNative ? "native code in " : ""}${functionName || "(anonymous)"} ${where}:${lineNumber + 1}`;
  byFunction.set(name, (byFunction.get(name) ?? 0) + micros);
  byFile.set(where, (byFile.get(where) ?? 0) + micros);
}
console.log(`${(busy / 1e6).toFixed(2)} s busy`);
for (const [title, map] of [
  ["functions", byFunction],
  ["files", byFile],
] as const) {
  console.log(`\n${title}`);
  const worst = [...map].toSorted(([, one], [, other]) => other - one).slice(0, Number(most));
  for (const [name, micros] of worst) console.log(`${((micros * 100) / busy).toFixed(1).padStart(5)} %  ${name}`);
}
