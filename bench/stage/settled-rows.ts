import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { z } from "zod";
import { openDatabase } from "../../src/store/database.ts";
import { EventIndex } from "../../src/store/event-index.ts";
import { sleep } from "./clock.ts";
import type { Stage } from "./stage.ts";

const FILE = "msn.db";
const POLL_MS = 100;
const LIMIT_MS = 300_000;

/**
 * Puts rows into the journal that were settled some days ago, of both directions in turn and of all portals that there
 * are. The bridge must not run.
 */
export function plantSettledRows({ folder }: Stage, count: number, days: number): void {
  const database = openDatabase(join(folder, FILE));
  try {
    const portals = z.int().parse(database.prepare("SELECT max(id) FROM portal").pluck().get());
    database.exec(`
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
      INSERT INTO journal (direction, event_id, room_id, portal_id, state, created, updated)
      SELECT
        iif(n % 2 = 0, 'to-msn', 'to-matrix'),
        iif(n % 2 = 0, '$' || hex(randomblob(22)), NULL),
        iif(n % 2 = 0, '!' || hex(randomblob(9)) || ':localhost', NULL),
        1 + n % ${portals},
        'delivered',
        unixepoch() * 1000 - ${days} * 86400000,
        unixepoch() * 1000 - ${days} * 86400000
      FROM numbers;
      INSERT OR REPLACE INTO meta (key, value) VALUES
        ('ran_ms', ${days} * 86400000),
        ('journal_ages', json_array(json_array(0, (SELECT max(id) FROM journal))))`);
    // At its start the bridge would do so, which is not what is measured.
    void new EventIndex(database);
  } finally {
    database.close();
  }
}

/**
 * Waits until the bridge, which runs, has removed all rows that are older than so many days, but for the newest of all,
 * which stays for its number.
 * @throws Error when it does not
 */
export async function rowsAreSwept({ folder }: Stage, days: number): Promise<void> {
  const database = new Sqlite(join(folder, FILE), { readonly: true });
  const old = database
    .prepare("SELECT count(*) FROM journal WHERE updated < unixepoch() * 1000 - ? * 86400000")
    .pluck();
  try {
    const end = Date.now() + LIMIT_MS;
    while (Number(old.get(days)) > 1) {
      if (Date.now() > end) throw new Error(`${String(old.get(days))} old rows are still there`);
      await sleep(POLL_MS);
    }
  } finally {
    database.close();
  }
}
