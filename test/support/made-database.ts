import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../src/store/database.ts";
import { tempFolder } from "./temp-folder.ts";

// Bytes of the header that say that a database is written by a log, which one in memory cannot have (SQLite's file format, 1.3).
const LOG_VERSIONS = [18, 19] as const;

let image: Buffer | undefined;

/** A database with the whole schema and nothing else: going all the steps that lead to it takes most of what a new one does. */
export function madeDatabase(): Buffer {
  image ??= make();
  return image;
}

/** Puts such a database where a bridge is going to open its own. */
export function plantDatabase(path: string): void {
  writeFileSync(path, madeDatabase(), { mode: 0o600 });
}

function make(): Buffer {
  const folder = tempFolder();
  try {
    const path = join(folder.path, "made.db");
    openDatabase(path, undefined, false).close();
    const made = readFileSync(path);
    for (const at of LOG_VERSIONS) made[at] = 1;
    return made;
  } finally {
    folder.remove();
  }
}
