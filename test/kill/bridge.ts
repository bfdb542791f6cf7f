import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, rmSync, type WriteStream } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Life } from "./life.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const PROBE = join(import.meta.dirname, "probe.ts");
const UP = "connected to the homeserver";
const PATIENCE_MS = 120_000;

/** The bridge as people run it, one process after the other. */
export class Bridge {
  readonly #config: string;
  readonly #log: WriteStream;
  readonly #notes: string;
  readonly #lives: Life[] = [];
  #process: ChildProcess | undefined;
  #up = Promise.withResolvers<void>();
  #latest = "";

  /** @param folder where all that it prints is kept, and what the probe notes */
  constructor(config: string, folder: string) {
    this.#config = config;
    this.#log = createWriteStream(join(folder, "bridge.log"));
    this.#notes = join(folder, "notes");
    // However the harness ends, it leaves nothing running.
    process.once("exit", () => this.#process?.kill("SIGKILL"));
  }

  start(): void {
    const child = spawn(process.execPath, ["--import", PROBE, MAIN, "-c", this.#config], {
      env: { ...process.env, MSN_KILL_NOTES: this.#notes },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    this.#up = Promise.withResolvers();
    this.#latest = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => this.#read(chunk));
    const { reject } = this.#up;
    child.once("exit", (code) => reject(new Error(`the bridge ended with ${code}:\n${this.#latest}`)));
    // Whoever waits for it sees the error; it may be killed before that.
    this.#up.promise.catch(() => undefined);
  }

  /** Waits until it works. @throws Error when it ends or hangs instead */
  async isUp(): Promise<void> {
    const enough = new AbortController();
    const late = sleep(PATIENCE_MS, undefined, { signal: enough.signal }).then(
      () => Promise.reject(new Error(`the bridge does not come up:\n${this.#latest}`)),
      () => undefined,
    );
    await Promise.race([this.#up.promise, late]);
    enough.abort();
  }

  /** It does nothing more, and still holds everything. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Stops it as a service manager does, and gives the exit code. */
  async stop(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  /** What its processes did that have ended, one after the other. */
  get lives(): readonly Life[] {
    return this.#lives;
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#process;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    }
    this.#lives.push(Life.read(this.#notes));
    rmSync(this.#notes, { force: true });
    this.#log.write(`{"harness":"ended by ${signal}"}\n`);
    return child.exitCode;
  }

  #read(chunk: Buffer): void {
    this.#log.write(chunk);
    this.#latest = (this.#latest + chunk.toString("utf8")).slice(-10_000);
    if (this.#latest.includes(UP)) this.#up.resolve();
  }
}
