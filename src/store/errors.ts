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
 * - `taken`: the row belongs to somebody else
 * - `settled`: the journal row has been settled, and its body is gone
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
  | "settled";

/** The store cannot do what it was asked to. The message is a sentence for people. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether SQLite could not write, which may pass, rather than would not. */
export function isDiskError(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    /^SQLITE_(?:FULL|IOERR|BUSY|READONLY|CANTOPEN)/u.test(String(error.code))
  );
}
