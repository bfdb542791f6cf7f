import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { FloorJournal } from "../floor/journal.ts";
import { median } from "./figure.ts";

const COMMITS = 300;

export const machine = z.object({
  processor: z.string(),
  cores: z.int(),
  memoryGb: z.number(),
  system: z.string(),
  node: z.string(),
  sqlite: z.string(),
  bridge: z.string(),
  /** How long one durable commit takes, in microseconds. */
  commitUs: z.number(),
});

/** What the figures were measured with. */
export type Machine = z.output<typeof machine>;

export function describeMachine(): Machine {
  const packageFile = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: totalmem() / 2 ** 30,
    system: `Linux ${release()}`,
    node: process.versions.node,
    bridge: z.object({ version: z.string() }).parse(JSON.parse(packageFile)).version,
    ...measureCommits(),
  };
}

function measureCommits(): Pick<Machine, "commitUs" | "sqlite"> {
  const folder = mkdtempSync(join(tmpdir(), "msn-bench-"));
  try {
    const journal = new FloorJournal(folder);
    const times = Array.from({ length: COMMITS }, (_, at) => {
      const start = performance.now();
      journal.keep([{ id: `commit-${at}`, place: "room", body: "The train is late again." }]);
      return (performance.now() - start) * 1000;
    });
    return { commitUs: median(times), sqlite: journal.sqliteVersion };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
