import Sqlite from "better-sqlite3";

// How long another process may take to let go, in milliseconds: a bridge that is being replaced is still closing.
const PATIENCE_MS = 1000;

/** That a database belongs to this process. */
export interface Lock {
  release(): void;
}

/**
 * Takes the file at `path`, which is there already, for this process alone; the system lets go of it when the process ends,
 * however it ends. SQLite could lock the database itself, but then nobody could make a backup of it.
 *
 * The file stays: if it were deleted, one process could hold the old file and another the new one.
 * @throws what SQLite throws, `SQLITE_BUSY` when it belongs to another
 */
export function takeLock(path: string): Lock {
  const file = new Sqlite(path, { timeout: PATIENCE_MS });
  try {
    // No other file beside it.
    file.pragma("journal_mode = MEMORY");
    // It is never ended, and as nothing is written, the file stays empty.
    file.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    throw error;
  }
  return { release: () => void file.close() };
}
