// Run as a thread of its own: throws where `quick_check` finds something in the database that it is given.
import { workerData } from "node:worker_threads";
import Sqlite from "better-sqlite3";

const database = new Sqlite(String(workerData), { readonly: true, fileMustExist: true });
try {
  const found = database.pragma("quick_check(1)", { simple: true });
  if (found !== "ok") throw new Sqlite.SqliteError(String(found), "SQLITE_CORRUPT");
} finally {
  database.close();
}
