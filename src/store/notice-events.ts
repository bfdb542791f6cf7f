import { z } from "zod";
import type { Database } from "./database.ts";
import { answersColumn, toAnswersColumn } from "./notices.ts";
import { findRow } from "./rows.ts";

const COLUMNS = "about, owner, room_id AS roomId, event_id AS eventId, answers";

const noticeEventRow = z.object({
  about: z.string(),
  /** A Matrix user id. */
  owner: z.string(),
  roomId: z.string(),
  eventId: z.string(),
  /** The reactions that are offered, each with the command that it stands for. */
  answers: answersColumn,
});

/** The event with which the bot last said something about a thing that is not over. */
export type NoticeEventRow = z.output<typeof noticeEventRow>;

/** The table `notice_event`. */
export class NoticeEventTable {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  find(about: string): NoticeEventRow | undefined {
    return findRow(noticeEventRow, this.#sql.find.get(about));
  }

  findByEvent(eventId: string): NoticeEventRow | undefined {
    return findRow(noticeEventRow, this.#sql.findByEvent.get(eventId));
  }

  save(row: NoticeEventRow): void {
    this.#sql.save.run({ ...row, answers: toAnswersColumn(row.answers) });
  }

  delete(about: string): void {
    this.#sql.delete.run(about);
  }
}

function prepare(database: Database) {
  return {
    find: database.prepare(`SELECT ${COLUMNS} FROM notice_event WHERE about = ?`),
    findByEvent: database.prepare(`SELECT ${COLUMNS} FROM notice_event WHERE event_id = ?`),
    save: database.prepare(
      `INSERT OR REPLACE INTO notice_event (about, owner, room_id, event_id, answers)
       VALUES (:about, :owner, :roomId, :eventId, :answers)`,
    ),
    delete: database.prepare("DELETE FROM notice_event WHERE about = ?"),
  };
}
