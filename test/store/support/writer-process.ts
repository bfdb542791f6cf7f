import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { until } from "../../support/until.ts";

/** A process that writes into a database until it is killed. */
export interface WriterProcess {
  /** The lines that it has printed. */
  lines(): string[];
  /** Kills it as a power cut would, and returns the lines that it had printed. */
  kill(): Promise<string[]>;
}

const JOURNAL = new URL("writer.ts", import.meta.url);
/** Prints "begun" and "done" with the number of each group that it commits; with one argument it stops in that group. */
export const GROUPS = new URL("group-writer.ts", import.meta.url);

/**
 * Starts a script and waits until it has printed a line.
 * @param more arguments for it, behind the path of the database
 */
export async function startWriter(path: string, script: URL, line: string, ...more: unknown[]): Promise<WriterProcess> {
  const printed = `${path}.out`;
  // A pipe would be full some time, which is an error to a process that does not wait.
  const output = openSync(printed, "w");
  const args = [fileURLToPath(script), path, ...more.map(String)];
  const child = spawn(execPath, args, { stdio: ["ignore", output, "inherit"] });
  closeSync(output);
  const ended = once(child, "close");
  // The last line may have been cut; what counts is what was printed whole.
  const lines = (): string[] => readFileSync(printed, "utf8").split("\n").slice(0, -1);
  await until(line, () => lines().includes(line));
  return {
    lines,
    async kill() {
      child.kill("SIGKILL");
      await ended;
      return lines();
    },
  };
}

/** Starts one that accepts rows of the journal and prints them (row id, space, event id), and waits for the first ones. */
export async function startJournalWriter(path: string): Promise<WriterProcess> {
  return startWriter(path, JOURNAL, "21 $event-21");
}
