/**
 * Why the store refused:
 * - `newer-schema`: the database was written by a later version of the bridge
 * - `in-use`: another process has the database open
 * - `unreadable`: the file cannot be opened, or is not a database of this bridge
 * - `no-key`: the database is there, the key file is not
 * - `bad-key`: the key file cannot be used
 * - `wrong-key`: the key file belongs to another database
 * - `damaged`: a sealed value has been changed, or a row holds what it cannot hold
 * - `not-found`: there is no such row
 * - `taken`: the row belongs to another user
 * - `settled`: the journal row has been settled, and its body is gone
 * - `disk-full`: there is no room for what has to be written
 * - `disk-broken`: a write or an fsync failed, or the database turned out to be damaged
 */
export type StoreErrorCode =
  | "newer-schema"
  | "in-use"
  | "unreadable"
  | "no-key"
  | "bad-key"
  | "wrong-key"
  | "damaged"
  | "not-found"
  | "taken"
  | "settled"
  | "disk-full"
  | "disk-broken";

/** The store cannot do what it was asked to. The message is a sentence for people. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether the disk had no room for a write, be it for the index of the write-ahead log, whose errors have a code of their own. */
export function isDiskFull(error: unknown): boolean {
  return /^SQLITE_(?:FULL|IOERR_SHMSIZE)$/u.test(codeOf(error));
}

/** Whether another program has locked the database, and did not let go of it in time. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(?:BUSY|LOCKED)/u.test(codeOf(error));
}

/** Whether the system had no room for a file of ours. A quota and a limit for the size of files are room as well. */
export function isForWantOfRoom(error: unknown): boolean {
  return /^(?:ENOSPC|EDQUOT|EFBIG)$/u.test(codeOf(error));
}

/** Whether a write failed because of the disk, and not because of what was written. */
export function isDiskError(error: unknown): boolean {
  const isBroken = error instanceof StoreError && error.code === "disk-broken";
  return isBroken || isDiskFull(error) || /^SQLITE_(?:BUSY|CANTOPEN|CORRUPT|IOERR|READONLY)/u.test(codeOf(error));
}

/** What to say of an error after which the database cannot be trusted any more; undefined for any other. */
export function diskFailure(error: unknown, path: string): StoreError | undefined {
  const code = codeOf(error);
  const options = { cause: error };
  if (code.startsWith("SQLITE_CORRUPT")) {
    const words =
      `The database ${path} is damaged (${code}). The bridge has stopped, so that it does not get worse. Restore a ` +
      "backup of the database and its key file, then start the bridge again.";
    return new StoreError("disk-broken", words, options);
  }
  // A file that was moved or made read-only under the bridge is as bad as a disk that fails.
  if (isDiskFull(error) || !/^SQLITE_(?:IOERR|READONLY)/u.test(code)) return undefined;
  const words =
    `The disk with the database ${path} failed (${code}). The bridge has stopped, because it cannot know what the disk ` +
    "has kept. Check the disk and its file system, then start the bridge again.";
  return new StoreError("disk-broken", words, options);
}

/** What to say when a file of the database is not the one any more that is being written. */
export function databaseGone(path: string, lost: string): StoreError {
  const words =
    `The database ${path} has been deleted or replaced while the bridge ran (${lost} is not the file that it opened). The bridge ` +
    "has stopped, because what it writes now would be lost. Put the right database in place, then start the bridge again.";
  return new StoreError("disk-broken", words);
}

/** What to say when the database cannot be opened, or used, for want of room. */
export function noRoom(path: string, cause?: unknown): StoreError {
  const words = `The disk with the database ${path} is full. Free some space, then start the bridge again.`;
  return new StoreError("disk-full", words, { cause });
}

/** What to say when the bridge was stopped while the disk was full. */
export function stoppedFull(path: string): StoreError {
  const words =
    `The bridge has stopped, and the disk with the database ${path} is full. Free some space before you start it ` +
    "again; messages that could not be kept are then reported to their users.";
  return new StoreError("disk-full", words);
}

function codeOf(error: unknown): string {
  return error instanceof Error && !(error instanceof StoreError) && "code" in error ? String(error.code) : "";
}
