import Sqlite from "better-sqlite3";

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Puts `around` in the place of a method; returns what takes it away again. */
function wrap(owner: object, name: string, around: (call: () => unknown, args: unknown[]) => unknown): () => void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== "function") throw new Error(`there is no method ${name}`);
  const wrapped: Method = function wrapped(...args) {
    return around(() => Reflect.apply(original, this, args), args);
  };
  Reflect.set(owner, name, wrapped);
  return () => void Reflect.set(owner, name, original);
}

/**
 * A disk that is full for some statements: those that write and match `isFull`. To be made before the database is opened.
 * A disk that really is full is what `npm run test:disk-full` has.
 */
export class FullDisk {
  /** Whether there is no room for a statement; never asked about statements that only read. */
  isFull: (sql: string) => boolean = () => false;
  /** How many statements failed. */
  failures = 0;
  readonly #restore: () => void;

  constructor() {
    this.#restore = wrap(Sqlite.prototype, "prepare", (prepare, [sql]) => {
      const statement = prepare();
      if (typeof statement !== "object" || statement === null || Reflect.get(statement, "readonly") === true) {
        return statement;
      }
      const around = (call: () => unknown): unknown => {
        this.#fail(String(sql));
        return call();
      };
      for (const name of ["run", "get"]) wrap(statement, name, around);
      return statement;
    });
  }

  /** There is room again, and databases opened from now on know nothing of this. */
  restore(): void {
    this.isFull = () => false;
    this.#restore();
  }

  #fail(sql: string): void {
    if (!this.isFull(sql)) return;
    this.failures += 1;
    throw new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
  }
}
