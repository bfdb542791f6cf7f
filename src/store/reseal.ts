import { z } from "zod";
import type { Database } from "./database.ts";
import { Meta, type Opener } from "./meta.ts";
import { SEALED, type SealedColumn } from "./places.ts";
import { listRows } from "./rows.ts";
import { openIfPossible, type Seal } from "./seal.ts";

// So many are in memory at once.
const ROWS_AT_ONCE = 500;

// The row, what is sealed, and what makes the row that one.
const sealedRow = z.tuple([z.int(), z.instanceof(Buffer)]).rest(z.union([z.string(), z.number(), z.null()]));

// What databases of old have in clear; the step of the schema that gave these columns their type left it so.
const ONCE_CLEAR: ReadonlySet<string> = new Set<SealedColumn>([
  "portal.title",
  "portal.told",
  "space.name",
  "transfer.name",
  "notice.body",
  "notice.answers",
  "notice_event.answers",
]);

/**
 * Seals everything for its place that an older version has sealed for none, or had in clear: in one commit, so that a kill
 * leaves a database in which nothing was done.
 */
export function bindToPlaces(database: Database, seal: Seal): void {
  reseal(database, seal, (sealed, [column]) =>
    ONCE_CLEAR.has(column) ? sealed.toString("utf8") : seal.openUnbound(sealed),
  );
  // The old values would stay in the log.
  database.emptyLog();
}

/**
 * Seals everything with the key of `seal`, in one commit, which also ties the database to that key. What does not open stays
 * as it is, and does not open later either.
 * @param open opens what is sealed until now
 * @returns how many values did not open
 */
export function reseal(database: Database, seal: Seal, open: Opener): number {
  return database.transaction(() => {
    let lost = 0;
    for (const [column, identity] of Object.entries(SEALED)) {
      const [table = "", name = ""] = column.split(".");
      const next = database
        .prepare(
          `SELECT rowid, ${[name, ...identity].join(", ")} FROM ${table}
           WHERE ${name} IS NOT NULL AND rowid > ? ORDER BY rowid LIMIT ${ROWS_AT_ONCE}`,
        )
        .raw();
      const update = database.prepare(`UPDATE ${table} SET ${name} = ? WHERE rowid = ?`);
      for (let last = 0, isOver = false; !isOver;) {
        const rows = listRows(sealedRow, next.all(last));
        for (const [row, sealed, ...rest] of rows) {
          const place = [column, ...rest] as const;
          const text = openIfPossible(() => open(sealed, place));
          if (text === undefined) lost += 1;
          else update.run(seal.seal(text, place), row);
          last = row;
        }
        isOver = rows.length < ROWS_AT_ONCE;
      }
    }
    new Meta(database).reseal(seal, open);
    return lost;
  });
}
