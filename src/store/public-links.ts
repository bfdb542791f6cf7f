import { randomBytes } from "node:crypto";
import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Calendar } from "../util/calendar.ts";
import type { Database } from "./database.ts";
import { listRows } from "./rows.ts";

const ID_BYTES = 9;
const linkRow = z.object({ id: z.string(), given: z.int(), expires: z.int() });

/** The table `public_link`: which links to files have been given away, so that they end with the message they came from. */
export class PublicLinkTable {
  readonly #calendar: Calendar;
  readonly #insert: Statement;
  readonly #find: Statement;
  readonly #end: Statement;
  readonly #list: Statement;
  readonly #delete: Statement;

  constructor(database: Database, calendar: Calendar) {
    this.#calendar = calendar;
    this.#insert = database.prepare("INSERT INTO public_link (id, event_id, given, expires) VALUES (?, ?, ?, ?)");
    this.#find = database.prepare("SELECT 1 FROM public_link WHERE id = ?");
    this.#end = database.prepare("DELETE FROM public_link WHERE event_id = ?");
    this.#list = database.prepare("SELECT id, given, expires FROM public_link ORDER BY id");
    this.#delete = database.prepare("DELETE FROM public_link WHERE id = ?");
  }

  /**
   * A link is given away for a file of a message.
   * @returns its id, which nobody can guess
   */
  add(eventId: string, expires: Date): string {
    const id = randomBytes(ID_BYTES).toString("base64url");
    this.#insert.run(id, eventId, this.#calendar.now().getTime(), expires.getTime());
    return id;
  }

  /** Whether its message is still there. */
  has(id: string): boolean {
    return this.#find.get(id) !== undefined;
  }

  /** A message is deleted, and the links to its files with it. */
  end(eventId: string): void {
    this.#end.run(eventId);
  }

  /** Forgets what has expired. */
  sweep(): void {
    for (const { id, given, expires } of listRows(linkRow, this.#list.all()))
      if (this.#calendar.ageOf(new Date(given)) > expires - given) this.#delete.run(id);
  }
}
