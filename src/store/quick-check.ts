import { existsSync, realpathSync, statSync } from "node:fs";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { diskFailure, StoreError } from "./errors.ts";

/**
 * Whether a database, which is not open yet, was left by a process that did not close it: whoever does deletes the log.
 * @throws StoreError `unreadable` where nothing is left of a database whose key is there
 */
export function wasCutOff(path: string, keyFile: string): boolean {
  const log = existsSync(path) ? (sizeOf(`${realpathSync(path)}-wal`) ?? 0) : 0;
  // A new one would have its rooms made a second time.
  if (sizeOf(path) === 0 && log === 0 && sizeOf(keyFile) !== undefined) {
    throw new StoreError(
      "unreadable",
      `The database ${path} is empty, though there is a key for it: restore a backup of the database and its key file. ` +
        "If there is none, delete the database and the key to start with nothing.",
    );
  }
  return log > 0;
}

/**
 * Looks through a whole open database, which takes a second for some hundred megabytes, in a thread of its own: the loop goes
 * on meanwhile.
 * @throws StoreError `disk-broken` when it is damaged
 */
export async function checkDatabase(path: string): Promise<void> {
  const thread = new URL(`quick-check-thread${extname(import.meta.url)}`, import.meta.url);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(thread, { workerData: path, execArgv: [] });
  worker.once("error", (error) => reject(diskFailure(error, path) ?? error));
  worker.once("exit", () => resolve());
  await promise;
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
