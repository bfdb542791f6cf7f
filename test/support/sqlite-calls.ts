import Sqlite from "better-sqlite3";

/** A statement that a database in a file has just run. */
export interface SqliteCall {
  readonly sql: string;
  /** Whether it gave a row, where it asks for some. */
  readonly found: boolean;
  /** Whether something is on the disk now that was not before. */
  readonly committed: boolean;
}

/** Calls `listener` after every statement on a database in a file, of whatever connection in this process. */
export function onSqliteCall(listener: (call: SqliteCall) => void): () => void {
  const probe = new Sqlite(":memory:");
  // better-sqlite3 exports the class of its databases, not that of their statements.
  const statements: unknown = Object.getPrototypeOf(probe.prepare("SELECT 1"));
  if (typeof statements !== "object" || statements === null) throw new Error("better-sqlite3 has other statements now");
  probe.close();
  const undo = [
    ...["run", "get", "all"].map((name) => watch(statements, name, listener)),
    watch(Sqlite.prototype, "exec", listener),
  ];
  return () => {
    for (const restore of undo) restore();
  };
}

function watch(prototype: object, name: string, listener: (call: SqliteCall) => void): () => void {
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== "function") throw new Error(`better-sqlite3 has no ${name}() any more`);
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  Object.defineProperty(prototype, name, {
    ...descriptor,
    value(this: object, ...args: unknown[]): unknown {
      const database: unknown = this instanceof Sqlite ? this : Reflect.get(this, "database");
      if (!(database instanceof Sqlite) || database.memory) return Reflect.apply(original, this, args);
      const wasInside = database.inTransaction;
      const result: unknown = Reflect.apply(original, this, args);
      // COMMIT counts as read-only, but leaves a transaction; what writes outside of one is a transaction by itself.
      const isWrite = wasInside || Reflect.get(this, "readonly") !== true;
      const sql: unknown = this instanceof Sqlite ? args[0] : Reflect.get(this, "source");
      const found = result !== undefined && !(Array.isArray(result) && result.length === 0);
      listener({ sql: String(sql), found, committed: isWrite && !database.inTransaction && sql !== "ROLLBACK" });
      return result;
    },
  });
  return () => void Object.defineProperty(prototype, name, descriptor);
}
