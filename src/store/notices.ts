import { z } from "zod";
import type { Calendar } from "../util/calendar.ts";
import type { Database } from "./database.ts";
import { Meta } from "./meta.ts";
import { placeIn, type SealedPlace } from "./places.ts";
import { date, findRow, flag, getRow, listRows } from "./rows.ts";
import type { RowNumbers } from "./row-numbers.ts";
import type { Seal } from "./seal.ts";

const answers = z.array(z.tuple([z.string(), z.string()]));

/** A reaction and the command that it stands for. */
export type NoticeAnswer = z.output<typeof answers>[number];

/** Answers, sealed; null for none. */
export const sealedAnswers = z.instanceof(Buffer).nullable();

export function openAnswers(seal: Seal, sealed: Buffer | null, place: SealedPlace): readonly NoticeAnswer[] {
  return sealed === null ? [] : answers.parse(JSON.parse(seal.open(sealed, place)));
}

export function sealAnswers(seal: Seal, given: readonly NoticeAnswer[], place: SealedPlace): Buffer | null {
  return given.length === 0 ? null : seal.seal(JSON.stringify(given), place);
}

const COLUMNS = "id, owner, room_id AS roomId, reply_to AS replyTo, body, about, is_last AS isLast, answers, created";

const noticeRow = z.object({
  id: z.int(),
  /** A Matrix user id. */
  owner: z.string(),
  /** Null: in whatever room they share with the bot. */
  roomId: z.string().nullable(),
  /** The event that it answers. */
  replyTo: z.string().nullable(),
  body: z.instanceof(Buffer),
  /** What it is about: what is said later about the same replaces it. */
  about: z.string().nullable(),
  /** Nothing more will be said about it. */
  isLast: flag,
  answers: sealedAnswers,
  /** When it was promised. */
  created: date,
});

/** Something that the bot has to say to a user. */
export interface NoticeRow extends Omit<z.output<typeof noticeRow>, "body" | "answers"> {
  body: string;
  /** The reactions that are offered, each with the command that it stands for. */
  answers: readonly NoticeAnswer[];
  /** To send it with; the same for ever. */
  txnId: string;
}

/** The table `notice`: what the bot has promised to say and has not said yet. */
export class NoticeTable {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #numbers: RowNumbers;
  readonly #calendar: Calendar;
  readonly #instance: string;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database, seal: Seal, numbers: RowNumbers, calendar: Calendar) {
    this.#database = database;
    this.#seal = seal;
    this.#numbers = numbers;
    this.#calendar = calendar;
    this.#instance = new Meta(database).instance;
    this.#sql = prepare(database);
  }

  add(notice: Omit<NoticeRow, "id" | "txnId" | "created">): void {
    const { owner, roomId, replyTo, about, isLast } = notice;
    const id = this.#numbers.next("notice");
    const body = this.#seal.seal(notice.body, placeIn("notice.body", id, owner));
    const given = sealAnswers(this.#seal, notice.answers, placeIn("notice.answers", id, owner));
    const now = this.#calendar.now().getTime();
    this.#sql.insert.run({ id, owner, roomId, replyTo, body, about, isLast: isLast ? 1 : 0, answers: given, now });
  }

  /** The oldest for a user. */
  next(owner: string): NoticeRow | undefined {
    const row = findRow(noticeRow, this.#sql.next.get(owner));
    if (row === undefined) return undefined;
    return {
      ...row,
      body: this.#seal.open(row.body, placeIn("notice.body", row.id, owner)),
      answers: openAnswers(this.#seal, row.answers, placeIn("notice.answers", row.id, owner)),
      txnId: `bot-${this.#instance}-${row.id}`,
    };
  }

  /** Whether something that waits leaves a thing open; undefined when nothing that waits is about it. */
  leavesOpen(about: string): boolean | undefined {
    const isLast = findRow(flag, this.#sql.lastAbout.get(about));
    return isLast === undefined ? undefined : !isLast;
  }

  /** All who have to be told something. */
  owners(): string[] {
    return listRows(z.string(), this.#sql.owners.all());
  }

  /** How many there are. */
  count(): number {
    return getRow(z.int(), this.#sql.count.get(), "count");
  }

  /** Lets a notice be said in any room with the user, since its own does not take it. */
  sayAnywhere(id: number): void {
    this.#sql.sayAnywhere.run(id);
  }

  /** Puts another notice, which has never been sent, in the place of one of which that is not known. */
  replace(row: NoticeRow, body: string): void {
    this.#database.transaction(() => {
      this.delete(row.id);
      this.add({ ...row, body });
    });
  }

  delete(id: number): void {
    this.#sql.delete.run(id);
  }
}

function prepare(database: Database) {
  return {
    insert: database.prepare(
      `INSERT INTO notice (id, owner, room_id, reply_to, body, about, is_last, answers, created)
       VALUES (:id, :owner, :roomId, :replyTo, :body, :about, :isLast, :answers, :now)`,
    ),
    next: database.prepare(`SELECT ${COLUMNS} FROM notice WHERE owner = +? ORDER BY id LIMIT 1`),
    lastAbout: database.prepare("SELECT is_last FROM notice WHERE about = +? ORDER BY id DESC LIMIT 1").pluck(),
    owners: database.prepare("SELECT DISTINCT owner FROM notice").pluck(),
    sayAnywhere: database.prepare("UPDATE notice SET room_id = NULL, reply_to = NULL WHERE id = ?"),
    delete: database.prepare("DELETE FROM notice WHERE id = ?"),
    count: database.prepare("SELECT count(*) FROM notice").pluck(),
  };
}
