import type { Statement } from "better-sqlite3";
import type { Database } from "./database.ts";
import { JOURNAL_COLUMNS as COLUMNS } from "./journal-row.ts";
import { UNDER_WAY } from "./transfers.ts";

// How many rows are looked at in one go: few milliseconds, as the keys of their events are all over an index.
export const SWEPT_ROWS = 100;
// As the partial indexes say it. The table makes sure that open rows, and they alone, have a body.
const OPEN = "body IS NOT NULL";

/** The statements of the journal. Made once and kept: preparing costs more than running. */
export function prepareJournal(database: Database) {
  const one = (sql: string): Statement => database.prepare(sql);
  const value = (sql: string): Statement => database.prepare(sql).pluck();
  return {
    // Values by place cost half of names.
    insertEvent: one(
      `INSERT INTO journal (id, event_id, room_id, body, created, updated, direction, state)
       VALUES (?, ?, ?, ?, ?, ?, 'to-msn', 'accepted')`,
    ),
    insertSkipped: one(
      `INSERT INTO journal (id, direction, event_id, room_id, state, reason, created, updated)
       VALUES (:id, 'to-msn', :eventId, :roomId, 'skipped', :reason, :now, :now)`,
    ),
    insertMessage: one(
      `INSERT INTO journal (id, direction, portal_id, body, state, created, updated)
       SELECT ?, 'to-matrix', id, ?, 'accepted', ?, ? FROM portal WHERE id = ?`,
    ),
    get: one(`SELECT ${COLUMNS} FROM journal WHERE id = ?`),
    lastUndelivered: one(
      `SELECT ${COLUMNS} FROM journal
       WHERE portal_id = +? AND id < ? AND direction = 'to-msn' AND state IN ('failed', 'uncertain')
         AND reason NOT IN ('unsupported', 'refused', '${UNDER_WAY}')
       ORDER BY id DESC LIMIT 1`,
    ),
    reopen: one(
      `UPDATE journal SET state = 'accepted', reason = NULL, body = :body, created = :now, updated = :now
       WHERE id = :id AND direction = 'to-msn' AND state IN ('failed', 'uncertain') AND reason IS NOT '${UNDER_WAY}'`,
    ),
    rewrite: one("UPDATE journal SET body = :body, updated = :now WHERE id = :id AND state = 'accepted'"),
    // Of the open rows alone, of which there are few; a table scan would be in the order that is asked for.
    listOpen: value(`SELECT id FROM journal INDEXED BY journal_next WHERE direction = +? AND ${OPEN} ORDER BY id`),
    portalsInUse: value(
      `SELECT portal_id FROM journal WHERE portal_id IS NOT NULL AND ${OPEN} UNION SELECT portal_id FROM transfer
       UNION SELECT portal_id FROM gathered WHERE is_told = 0`,
    ),
    listUnrouted: value(
      `SELECT id FROM journal
       WHERE portal_id IS NULL AND direction = 'to-msn' AND id > ? AND ${OPEN} ORDER BY id LIMIT ?`,
    ),
    next: one(
      `SELECT ${COLUMNS}, body AS sealed FROM journal
       WHERE portal_id = +? AND direction = +? AND id > ? AND ${OPEN} ORDER BY id LIMIT 1`,
    ),
    count: value(`SELECT count(*) FROM journal WHERE portal_id = ? AND direction = ? AND ${OPEN}`),
    body: one(
      "SELECT body AS sealed, id, direction, event_id AS eventId, room_id AS roomId, portal_id AS portalId FROM journal WHERE id = ?",
    ),
    assign: one("UPDATE journal SET portal_id = ?, updated = ? WHERE id = ?"),
    markSending: one(`UPDATE journal SET state = 'sending', updated = ? WHERE id = ? AND ${OPEN}`),
    unmarkSending: one(`UPDATE journal SET state = 'accepted', updated = ? WHERE id = ? AND state = 'sending'`),
    settle: one(
      `UPDATE journal SET state = :state, reason = :reason, body = NULL, updated = :now
       WHERE id = :id AND (${OPEN} OR state = 'uncertain')`,
    ),
    slice: one(
      `SELECT max(id) AS last, count(*) AS count
       FROM (SELECT id FROM journal WHERE id > ? AND id <= ? ORDER BY id LIMIT ${SWEPT_ROWS})`,
    ),
    sweep: one(
      `DELETE FROM journal WHERE id > :after AND id <= :last AND id < (SELECT max(id) FROM journal)
       AND NOT (${OPEN}) AND (updated < :before OR updated > :now)
       RETURNING id, event_id AS eventId`,
    ),
  };
}
