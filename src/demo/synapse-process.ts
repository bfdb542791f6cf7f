import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, sleep } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import { type Argv, type Environment, endChild, ended, spawnTied } from "./child.ts";

export interface ProcessOptions {
  readonly argv: Argv;
  readonly env: Environment;
  /** Where its log files are, as we see it. */
  readonly folder: string;
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
}

const START_LIMIT_MS = 60_000;
const ASK_EVERY_MS = 50;
const ASK_LIMIT_MS = 2000;
const TAIL_CHARACTERS = 4000;

/** The process of one Synapse, which can be started and ended many times. */
export class SynapseProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | undefined;
  #answered = false;
  #lastTail = "";

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /**
   * Starts it and waits until its client API answers.
   * @throws an Error with the end of its log when it ends or stays silent for a minute
   */
  async start(): Promise<void> {
    const { argv, env, folder, clock } = this.#options;
    const output = openSync(join(folder, "output.log"), "a");
    const child = spawnTied(argv, env, output);
    closeSync(output);
    let failure: string | undefined;
    child.once("error", (error) => {
      failure = error.message;
    });
    child.once("exit", (code, signal) => {
      failure = `it ended with ${signal ?? `code ${code}`}`;
      this.#noteExit(child, failure);
    });
    this.#child = child;
    this.#answered = false;
    const end = clock.now() + START_LIMIT_MS;
    while (!(await this.#answers())) {
      if (clock.now() > end) failure ??= "it did not answer within a minute";
      if (failure !== undefined) throw await this.#startFailure(failure);
      await sleep(clock, ASK_EVERY_MS);
    }
    // What answered on this port was not our Synapse if ours has ended.
    if (failure !== undefined) throw await this.#startFailure(failure);
    this.#answered = true;
  }

  /** Ends it if it runs: politely, and after ten seconds by force. */
  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) await endChild(this.#options.clock, child, "process");
    this.#lastTail = this.logTail();
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
    if (child !== undefined) await ended(child);
  }

  logTail(): string {
    const files = ["homeserver.log", "output.log"].map((name) => this.#read(name));
    if (files.every((text) => text === undefined)) return this.#lastTail;
    return files
      .map((text) => (text ?? "").slice(-TAIL_CHARACTERS).trim())
      .filter((text) => text !== "")
      .join("\n");
  }

  async #startFailure(reason: string): Promise<Error> {
    await this.end();
    return new Error(`Synapse did not start: ${reason}. The end of its log:\n${this.logTail()}`);
  }

  async #answers(): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(ASK_LIMIT_MS);
      const response = await fetch(`${this.#options.url}/_matrix/client/versions`, { signal });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  #noteExit(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    // While it starts, its caller gets the reason.
    if (this.#answered) this.#options.log.warn({ synapse: this.#options.url }, `Synapse ended by itself: ${how}`);
  }

  #read(name: string): string | undefined {
    try {
      return readFileSync(join(this.#options.folder, name), "utf8");
    } catch {
      return undefined;
    }
  }
}
