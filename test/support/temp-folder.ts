import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder for the tests of one suite; `remove` deletes it with all that is in it. */
export function tempFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(fastFolder(), "msn-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

// What the bridge writes it waits for; a disk in memory makes that wait short.
function fastFolder(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}
