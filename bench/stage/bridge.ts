import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const MAIN = join(import.meta.dirname, "../../dist/main.js");
const PROBE = join(import.meta.dirname, "probe.ts");
// As in the script `start` and in the Dockerfile.
const FLAGS = ["--enable-source-maps", "--disable-warning=DEP0060"];
const PATIENCE_MS = 120_000;

const answered = z.object({ id: z.int(), result: z.unknown() });

export interface BridgeFiles {
  readonly config: string;
  readonly log: string;
}

/** The bridge as people run it, built, in a process of its own, with a probe inside. */
export class BenchBridge {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  readonly #printed: { words: string; seen: () => void }[] = [];
  #latest = "";
  #lastId = 0;

  /** @param flags of Node, besides those that people run it with */
  constructor({ config, log }: BridgeFiles, flags: readonly string[] = []) {
    const args = [...FLAGS, ...flags, "--import", PROBE, MAIN, "-c", config];
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    const file = createWriteStream(log, { flags: "a" });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        file.write(chunk);
        this.#read(chunk.toString("utf8"));
      });
    }
    this.#child.on("message", (message) => {
      const { id, result } = answered.parse(message);
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
    process.once("exit", () => this.#child.kill("SIGKILL"));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the bridge did not start");
    return this.#child.pid;
  }

  /** Waits until it has printed some words. @throws Error when it ends or hangs instead */
  async prints(words: string): Promise<void> {
    const seen = Promise.withResolvers<void>();
    this.#printed.push({ words, seen: seen.resolve });
    this.#read("");
    const give = (what: string) => () => seen.reject(new Error(`the bridge ${what}:\n${this.#latest}`));
    const timer = setTimeout(give(`does not print "${words}"`), PATIENCE_MS);
    this.#child.once("exit", give("has ended"));
    await seen.promise;
    clearTimeout(timer);
  }

  /** The longest turn of its loop since the last call, in milliseconds. */
  async longestTurn(): Promise<number> {
    return z.number().parse(await this.#ask("turn"));
  }

  /** Bytes; after a collection if it runs with `--expose-gc`. */
  async memory(): Promise<{ rss: number; heap: number }> {
    const shape = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number() });
    const { rss, heapUsed, external } = shape.parse(await this.#ask("memory"));
    return { rss, heap: heapUsed + external };
  }

  async startProfile(): Promise<void> {
    await this.#ask("profile");
  }

  async keepProfile(file: string): Promise<void> {
    await this.#ask("keep", file);
  }

  /** Stops it as a service manager does. @throws Error when it does not end well */
  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    if (this.#child.exitCode !== 0) throw new Error(`the bridge ended with ${this.#child.exitCode}:\n${this.#latest}`);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async #ask(ask: string, file?: string): Promise<unknown> {
    this.#lastId += 1;
    const result = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#lastId, result.resolve);
    this.#child.send({ id: this.#lastId, ask, file });
    return result.promise;
  }

  #read(text: string): void {
    this.#latest = (this.#latest + text).slice(-10_000);
    for (const { words, seen } of this.#printed) if (this.#latest.includes(words)) seen();
  }
}
