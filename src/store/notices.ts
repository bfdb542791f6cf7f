import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { Meta } from "./meta.ts";
import { findRow, listRows } from "./rows.ts";

/** Something that the bot has to say to somebody. */
export interface NoticeRow {
  id: number;
  /** A Matrix user id. */
  owner: string;
  /** Null: in whatever room she shares with the bot. */
  roomId: string | null;
  /** The event that it answers. */
  replyTo: string | null;
  body: string;
  /** To send it with; the same for ever. */
  txnId: string;
}

const noticeRow = z.object({
  id: z.int(),
  owner: z.string(),
  roomId: z.string().nullable(),
  replyTo: z.string().nullable(),
  body: z.string(),
});

/** The table `notice`: what the bot has promised to say and has not said yet. */
export class Notices {
  readonly #instance: string;
  readonly #insert: Statement;
  readonly #next: Statement;
  readonly #owners: Statement;
  readonly #sayAnywhere: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#instance = new Meta(database).instance;
    this.#insert = database.prepare(
      "INSERT INTO notice (owner, room_id, reply_to, body) VALUES (:owner, :roomId, :replyTo, :body)",
    );
    this.#next = database.prepare(
      "SELECT id, owner, room_id AS roomId, reply_to AS replyTo, body FROM notice WHERE owner = ? ORDER BY id LIMIT 1",
    );
    this.#owners = database.prepare("SELECT DISTINCT owner FROM notice").pluck();
    this.#sayAnywhere = database.prepare("UPDATE notice SET room_id = NULL, reply_to = NULL WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM notice WHERE id = ?");
  }

  add(notice: Pick<NoticeRow, "owner" | "roomId" | "replyTo" | "body">): void {
    const { owner, roomId, replyTo, body } = notice;
    this.#insert.run({ owner, roomId, replyTo, body });
  }

  /** The oldest for a person. */
  next(owner: string): NoticeRow | undefined {
    const row = findRow(noticeRow, this.#next.get(owner));
    return row && { ...row, txnId: `bot-${this.#instance}-${row.id}` };
  }

  /** Everybody who has to be told something. */
  owners(): string[] {
    return listRows(z.string(), this.#owners.all());
  }

  /** Lets a notice be said in any room with the person, since its own does not take it. */
  sayAnywhere(id: number): void {
    this.#sayAnywhere.run(id);
  }

  delete(id: number): void {
    this.#delete.run(id);
  }
}
