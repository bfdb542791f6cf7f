import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { COMPILED } from "./compiled.ts";
import { until } from "./until.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const PRELOADS =
  process.env["MSN_TEST_COMMIT_MS"] === undefined ? [] : ["--import", join(import.meta.dirname, "slow-disk.ts")];

// Dozens are started, and reading the same sources again is most of what each has to do. What they run is counted where it
// is tested by itself.
const { NODE_V8_COVERAGE: _, ...INHERITED } = process.env;
const ENVIRONMENT = { ...INHERITED, NODE_COMPILE_CACHE: COMPILED };

interface BridgeProcessOptions {
  /** A module that is loaded before all others. */
  readonly preload?: string;
  /** What is run, if not our sources. */
  readonly main?: string;
}

/** The bridge as a process of its own, as people run it. */
export class BridgeProcess {
  readonly #child: ChildProcess;
  /** All that it printed, on both streams. */
  output = "";

  constructor(args: readonly string[], { preload, main = MAIN }: BridgeProcessOptions = {}) {
    const preloads = preload === undefined ? PRELOADS : [...PRELOADS, "--import", preload];
    this.#child = spawn(process.execPath, [...preloads, main, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: ENVIRONMENT,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.output += chunk.toString("utf8")));
    }
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the bridge did not start");
    return this.#child.pid;
  }

  /** Waits until it has printed some words. */
  async prints(words: string): Promise<void> {
    await until(`"${words}" in:\n${this.output}`, () => this.output.includes(words) || this.#child.exitCode !== null);
    if (!this.output.includes(words)) throw new Error(`it ended without "${words}":\n${this.output}`);
  }

  /** Waits for its end and gives the exit code. */
  async ends(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  /** Kills it at once, as a crash does, and waits until it is gone. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<number | null> {
    this.#child.kill(signal);
    return this.ends();
  }
}
