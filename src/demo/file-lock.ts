import { spawn } from "node:child_process";
import type { Clock } from "../util/clock.ts";
import { endChild } from "./child.ts";

const QUIET_WAIT_MS = 1000;

export interface LockOptions {
  readonly clock: Clock;
  /** How long another process may keep the lock, in seconds. */
  readonly waitSeconds: number;
  /** Called once when the lock is not free at once. */
  readonly waiting: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does `work` while no other process does its own under the same lock file. The lock is held by a child that ends when
 * its standard input closes, so the kernel frees it however our process dies, and it is never found locked by nobody.
 * @throws when the lock did not become free in time, when flock (util-linux) is missing, or the reason of `signal`
 */
export async function withFileLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  options.signal?.throwIfAborted();
  const hold = ["--wait", String(options.waitSeconds), file, "sh", "-c", "echo held; exec cat >&2"];
  const holder = spawn("flock", hold, { stdio: ["pipe", "pipe", "ignore"] });
  const held = Promise.withResolvers<void>();
  holder.stdout.once("data", () => held.resolve());
  holder.once("error", (error) => held.reject(new Error(`cannot lock ${file}: ${error.message}`)));
  holder.once("exit", () => held.reject(new Error(`another process kept ${file} locked for too long`)));
  holder.stdin.on("error", () => undefined);
  const abort = (): void => held.reject(options.signal?.reason);
  options.signal?.addEventListener("abort", abort, { once: true });
  const notice = options.clock.after(QUIET_WAIT_MS, options.waiting);
  try {
    await held.promise;
    notice.cancel();
    return await work();
  } finally {
    notice.cancel();
    options.signal?.removeEventListener("abort", abort);
    holder.stdin.end();
    await endChild(options.clock, holder, "process");
  }
}
