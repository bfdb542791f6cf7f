import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder for the tests of one suite; `remove` deletes it with all that is in it. */
export function tempFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "msn-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
