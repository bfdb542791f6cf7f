import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { basename, join } from "node:path";
import { z } from "zod";
import type { OwnShare } from "./own-shares.ts";

const MAIN = join(import.meta.dirname, "../../dist/main.js");
const PROBE = join(import.meta.dirname, "probe.ts");
const OWN_SHARES = join(import.meta.dirname, "own-shares.ts");
const PATIENCE_MS = 120_000;

const answered = z.object({ id: z.int(), result: z.unknown() });
const memory = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number() });

export const ownShares = z.array(z.tuple([z.int(), z.number()]));

export interface BridgeOptions {
  /** With which the bridge is told to be alone: what a probe takes of its memory is left out. */
  readonly isProbed?: boolean;
  /** Whether memory is measured after a collection. */
  readonly collects?: boolean;
  /** Whether it is profiled from its first line on. */
  readonly isProfiled?: boolean;
}

/** The bridge as people run it, built, in a process of its own, with a probe inside. */
export class BenchBridge {
  readonly startedAt = performance.now();
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  readonly #printed: { words: string; seen: () => void }[] = [];
  #latest = "";
  #lastId = 0;

  /** @param folder with its configuration; its log goes there as well */
  constructor(folder: string, { isProbed = true, collects = false, isProfiled = false }: BridgeOptions) {
    this.#folder = folder;
    const probe = isProbed ? ["--import", asJavaScript(PROBE, folder)] : [];
    const flags = [...(collects ? ["--expose-gc"] : []), ...probe];
    const env = isProfiled ? { ...process.env, MSN_BENCH_PROFILE: "1" } : process.env;
    this.#child = spawn(process.execPath, [...flags, MAIN, "-c", join(folder, "config.yaml")], {
      stdio: isProbed ? ["ignore", "pipe", "pipe", "ipc"] : ["ignore", "pipe", "pipe"],
      env,
    });
    const log = createWriteStream(join(folder, "bridge.log"), { flags: "a" });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        log.write(chunk);
        this.#read(chunk.toString("utf8"));
      });
    }
    this.#child.on("message", (message) => {
      const { id, result } = answered.parse(message);
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
    const end = (): void => void this.#child.kill("SIGKILL");
    process.once("exit", end);
    this.#child.once("exit", () => process.off("exit", end));
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
    const ended = give("has ended");
    this.#child.once("exit", ended);
    try {
      await seen.promise;
    } finally {
      clearTimeout(timer);
      this.#child.off("exit", ended);
    }
  }

  /** The longest turn of its loop since the last call, in milliseconds. */
  async longestTurn(): Promise<number> {
    return z.number().parse(await this.#ask("turn"));
  }

  /** Megabytes. */
  async memory(): Promise<{ rss: number; heap: number }> {
    const { rss, heapUsed, external } = memory.parse(await this.#ask("memory"));
    return { rss: rss / 2 ** 20, heap: (heapUsed + external) / 2 ** 20 };
  }

  /** Notes from now on how long each message that says this behind its number is in the bridge. */
  async watchShares(sentence: string): Promise<void> {
    asJavaScript(OWN_SHARES, this.#folder);
    await this.#ask("watch", sentence);
  }

  /** What has been noted since the last call. */
  async takeShares(): Promise<OwnShare[]> {
    return ownShares.parse(await this.#ask("shares"));
  }

  async startProfile(): Promise<void> {
    await this.#ask("profile");
  }

  /** Keeps the profile where there is to be one. */
  async keepProfile(file: string | undefined): Promise<void> {
    if (file !== undefined) await this.#ask("keep", file);
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

  async #ask(ask: string, about?: string): Promise<unknown> {
    this.#lastId += 1;
    const result = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#lastId, result.resolve);
    this.#child.send({ id: this.#lastId, ask, about });
    return result.promise;
  }

  #read(text: string): void {
    this.#latest = (this.#latest + text).slice(-10_000);
    for (const { words, seen } of this.#printed) if (this.#latest.includes(words)) seen();
  }
}

/** A module for the bridge, which then does not have to load what reads types. */
function asJavaScript(module: string, folder: string): string {
  const file = join(folder, `${basename(module, ".ts")}.mjs`);
  const javaScript = stripTypeScriptTypes(readFileSync(module, "utf8"));
  writeFileSync(file, javaScript.replaceAll(/(?<=import\("\.\/[\w-]+)\.ts(?="\))/gu, ".mjs"));
  return file;
}
