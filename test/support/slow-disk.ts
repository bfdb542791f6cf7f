import Sqlite from "better-sqlite3";

// Loaded first by the tests and by the bridges that they start. Where MSN_TEST_COMMIT_MS is set, every commit to a file
// takes that many milliseconds longer, and like a real disk holds up its process meanwhile: small machines have disks that
// take that long for what must be durable.

// In milliseconds.
const commitMs = Number(process.env["MSN_TEST_COMMIT_MS"] ?? 0);
if (commitMs > 0) slowCommits(commitMs);

function slowCommits(delay: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const wait = (): void => void Atomics.wait(never, 0, 0, delay);
  const probe = new Sqlite(":memory:");
  // better-sqlite3 exports the class of its databases, not that of their statements.
  const statements: unknown = Object.getPrototypeOf(probe.prepare("SELECT 1"));
  if (typeof statements !== "object" || statements === null) throw new Error("better-sqlite3 has other statements now");
  probe.close();
  for (const name of ["run", "get", "all"]) waitAfterCommits(statements, name, wait);
  waitAfterCommits(Sqlite.prototype, "exec", wait);
}

function waitAfterCommits(prototype: object, name: string, wait: () => void): void {
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== "function") throw new Error(`better-sqlite3 has no ${name}() any more`);
  Object.defineProperty(prototype, name, {
    value(this: object, ...args: unknown[]): unknown {
      const database: unknown = this instanceof Sqlite ? this : Reflect.get(this, "database");
      if (!(database instanceof Sqlite) || database.memory) return Reflect.apply(original, this, args);
      const wasInside = database.inTransaction;
      const result: unknown = Reflect.apply(original, this, args);
      // COMMIT counts as read-only, but leaves a transaction; what writes outside of one is a transaction by itself.
      const isWrite = wasInside || Reflect.get(this, "readonly") !== true;
      if (isWrite && !database.inTransaction) wait();
      return result;
    },
  });
}
