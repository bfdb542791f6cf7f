import { lstatSync, realpathSync } from "node:fs";
import { keepPrivate, PrivacyError } from "../util/private-file.ts";
import { StoreError } from "./errors.ts";

// What lies beside the database: SQLite's own files, ours for the lock and for when the disk is full.
const BESIDE = ["-wal", "-shm", ".lock", ".reserve"] as const;

/**
 * Takes the rights of others away from the files of an open database and its key.
 * @returns what was done, sentences
 * @throws StoreError `unreadable` or `bad-key` where others keep them
 */
export function protectFiles(path: string, keyFile: string): string[] {
  if (path === ":memory:") return protect("bad-key", "The key file", keyFile);
  const database = realpathSync(path);
  const beside = BESIDE.map((end) => database + end).filter(isPlainFile);
  return [
    ...protect("bad-key", "The key file", keyFile),
    ...protect("unreadable", "The database", database),
    ...beside.flatMap((one) => protect("unreadable", "The database's file", one)),
  ];
}

function protect(code: "unreadable" | "bad-key", what: string, path: string): string[] {
  try {
    return [keepPrivate(what, path)].filter((sentence) => sentence !== undefined);
  } catch (error) {
    if (error instanceof PrivacyError) throw new StoreError(code, error.message, { cause: error });
    throw error;
  }
}

// A link could lead to a file that has nothing to do with us.
function isPlainFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
