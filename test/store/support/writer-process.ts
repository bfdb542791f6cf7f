import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { until } from "../../support/until.ts";

/** A process that writes into the journal of a database until it is killed. */
export interface WriterProcess {
  /** The lines that it has printed: row id, space, event id. */
  lines(): string[];
  /** Kills it as a power cut would, and returns the lines that it had printed. */
  kill(): Promise<string[]>;
}

/** Starts it and waits until it has written its first rows into the database at `path`. */
export async function startWriter(path: string): Promise<WriterProcess> {
  const script = fileURLToPath(new URL("writer.ts", import.meta.url));
  const printed = `${path}.out`;
  const output = openSync(printed, "w");
  const child = spawn(execPath, [script, path], { stdio: ["ignore", output, "inherit"] });
  closeSync(output);
  const ended = once(child, "close");
  // The last line may have been cut; what counts is what was printed whole.
  const lines = (): string[] => readFileSync(printed, "utf8").split("\n").slice(0, -1);
  await until("the first rows", () => lines().length > 20);
  return {
    lines,
    async kill() {
      child.kill("SIGKILL");
      await ended;
      return lines();
    },
  };
}
