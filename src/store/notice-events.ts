import { z } from "zod";
import type { Database } from "./database.ts";
import { openAnswers, sealAnswers, sealedAnswers, type NoticeAnswer } from "./notices.ts";
import { placeIn, type SealedPlace } from "./places.ts";
import { findRow } from "./rows.ts";
import type { Seal } from "./seal.ts";

const COLUMNS = "about, owner, room_id AS roomId, event_id AS eventId, answers";

const noticeEventRow = z.object({
  about: z.string(),
  /** A Matrix user id. */
  owner: z.string(),
  roomId: z.string(),
  eventId: z.string(),
  answers: sealedAnswers,
});

/** The event with which the bot last said something about a thing that is not over. */
export interface NoticeEventRow extends Omit<z.output<typeof noticeEventRow>, "answers"> {
  /** The reactions that are offered, each with the command that it stands for. */
  readonly answers: readonly NoticeAnswer[];
}

/** The table `notice_event`. */
export class NoticeEventTable {
  readonly #seal: Seal;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database, seal: Seal) {
    this.#seal = seal;
    this.#sql = prepare(database);
  }

  find(about: string): NoticeEventRow | undefined {
    return this.#found(this.#sql.find.get(about));
  }

  findByEvent(eventId: string): NoticeEventRow | undefined {
    return this.#found(this.#sql.findByEvent.get(eventId));
  }

  save(row: NoticeEventRow): void {
    this.#sql.save.run({ ...row, answers: sealAnswers(this.#seal, row.answers, placeOfAnswers(row)) });
  }

  delete(about: string): void {
    this.#sql.delete.run(about);
  }

  #found(value: unknown): NoticeEventRow | undefined {
    const row = findRow(noticeEventRow, value);
    return row && { ...row, answers: openAnswers(this.#seal, row.answers, placeOfAnswers(row)) };
  }
}

function placeOfAnswers({ about, owner, eventId }: Omit<NoticeEventRow, "answers">): SealedPlace {
  return placeIn("notice_event.answers", about, owner, eventId);
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
