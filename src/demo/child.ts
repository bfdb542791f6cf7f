/** Child processes that end with us: found on PATH, run with a time limit, never left behind. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, open } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { type Clock, withTimeout } from "../util/clock.ts";

export type Argv = readonly [string, ...string[]];
export type Environment = Readonly<Record<string, string | undefined>>;

const TERM_PATIENCE_MS = 10_000;
const TAIL_BYTES = 64 * 1024;

/** The full name of a program in the folders of `path` (written like the variable PATH), if it is there. */
export async function findOnPath(program: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const file = join(folder, program);
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return undefined;
}

// The watcher is in the same process group and waits for the end of the pipe to us, which the kernel closes however we
// die. Then it ends the group, itself included.
const WATCHED = '{ cat; kill -KILL 0; } <&3 >/dev/null 2>&1 & exec "$@" 3<&-';

/**
 * Starts a program in a process group of its own that dies with us, and with the program itself, even by SIGKILL.
 * @param output the file descriptor for what it prints
 */
export function spawnTied(argv: Argv, env: Environment, output: number): ChildProcess {
  const stdio: StdioOptions = ["ignore", output, output, "pipe"];
  const child = spawn("/bin/sh", ["-c", WATCHED, "sh", ...argv], { stdio, env: { ...env }, detached: true });
  const tie = child.stdio[3];
  tie?.on("error", () => undefined);
  child.once("exit", () => tie?.destroy());
  return child;
}

/** Resolves once the process has ended. A program that could not be started at all counts as ended. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const done = Promise.withResolvers<void>();
  child.once("exit", () => done.resolve());
  await done.promise;
}

/** Asks the process (or its whole group) to end, and ends it by force when it has not done so within ten seconds. */
export async function endChild(clock: Clock, child: ChildProcess, scope: "process" | "group"): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const done = ended(child);
  send(scope === "group" ? -pid : pid, "SIGTERM");
  const force = clock.after(TERM_PATIENCE_MS, () => send(scope === "group" ? -pid : pid, "SIGKILL"));
  await done;
  force.cancel();
  // The first of a group may end before the others do.
  if (scope === "group") send(-pid, "SIGKILL");
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the question and the signal.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

export interface RunOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What the program prints is appended to this file. */
  readonly logFile: string;
  readonly env: Environment;
  /** Ends the program early. */
  readonly signal?: AbortSignal | undefined;
  /** Lets the program come to its own end when our process is killed. */
  readonly outlivesUs?: boolean;
}

export interface Run {
  readonly ok: boolean;
  /** The end of what the program printed. */
  readonly output: string;
}

/**
 * Runs a program to its end, in a process group of its own so that a time-out or an abort ends its children too.
 * @throws the reason of `signal` when it was aborted
 */
export async function runLogged(argv: Argv, options: RunOptions): Promise<Run> {
  options.signal?.throwIfAborted();
  const log = await open(options.logFile, "a+");
  try {
    const start = (await log.stat()).size;
    const child = options.outlivesUs === true ? spawnFree(argv, options, log.fd) : spawnTied(argv, options.env, log.fd);
    const problem = await outcome(child, argv[0], options);
    options.signal?.throwIfAborted();
    const { size } = await log.stat();
    const length = Math.min(size - start, TAIL_BYTES);
    // One byte more, as an empty buffer is refused.
    const { buffer, bytesRead } = await log.read(Buffer.alloc(length + 1), 0, length, size - length);
    const printed = buffer.toString("utf8", 0, bytesRead);
    return { ok: problem === undefined, output: problem === undefined ? printed : `${printed}\n${problem}` };
  } finally {
    await log.close();
  }
}

function spawnFree([program, ...args]: Argv, { env }: RunOptions, output: number): ChildProcess {
  return spawn(program, args, { stdio: ["ignore", output, output], env: { ...env }, detached: true });
}

/** Nothing when the program ended well, else what went wrong in a few words (empty when it has spoken for itself). */
async function outcome(child: ChildProcess, name: string, options: RunOptions): Promise<string | undefined> {
  const failed = Promise.withResolvers<string | undefined>();
  child.once("error", (error) => failed.resolve(`${name}: ${error.message}`));
  child.once("exit", (code, signal) => {
    if (code === 0) failed.resolve(undefined);
    else failed.resolve(signal === null ? "" : `${name} was ended by ${signal}`);
  });
  const abort = Promise.withResolvers<never>();
  const onAbort = (): void => abort.reject(new Error(`${name} was told to stop`));
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const late = new Error(`${name} did not end within ${options.timeoutMs / 1000} seconds`);
  try {
    return await withTimeout(
      options.clock,
      options.timeoutMs,
      Promise.race([failed.promise, abort.promise]),
      () => late,
    );
  } catch (error) {
    await endChild(options.clock, child, "group");
    return error instanceof Error ? error.message : String(error);
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
  }
}
