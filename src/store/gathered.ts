import { z } from "zod";
import type { Calendar } from "../util/calendar.ts";
import type { Database } from "./database.ts";
import { placeIn } from "./places.ts";
import { date, findRow, flag, listRows } from "./rows.ts";
import type { RowNumbers } from "./row-numbers.ts";
import type { Seal } from "./seal.ts";
import { UNDER_WAY } from "./transfers.ts";

const gathered = z.object({
  /** Who wanted it: the user, from Matrix, or people on MSN. */
  kind: z.enum(["to-msn", "from-msn"]),
  /** How many things it tells of. */
  count: z.int(),
  /** How many of these may have happened all the same. */
  uncertain: z.int(),
  /** Why, the first of each kind, with how often that was so. */
  reasons: z.array(z.object({ reason: z.string(), sentence: z.string(), count: z.int(), isSame: z.boolean() })),
});

/** What one notice says of many things. */
export type Gathered = z.output<typeof gathered>;

const gatheredRow = z.object({
  id: z.int(),
  loginId: z.int(),
  sealed: z.instanceof(Buffer),
  isTold: flag,
  created: date,
});

/** A notice that tells of many things. */
export interface GatheredRow {
  readonly id: number;
  readonly created: Date;
  readonly gathered: Gathered;
  /** Whether all of it was said, or is promised to be. */
  readonly isTold: boolean;
}

/** Where a notice is. */
export interface GatheredEvent {
  readonly roomId: string;
  readonly eventId: string;
}

const gatheredEvent = z.object({ roomId: z.string(), eventId: z.string() });

// Of those with nothing left that could be sent again: people may still look at them.
const KEPT_MS = 24 * 60 * 60_000;

/**
 * The tables `gathered` and `gathered_row`: notices that tell of many things, and of which rows of the journal. What is said
 * with them is sealed.
 */
export class GatheredTable {
  readonly #seal: Seal;
  readonly #numbers: RowNumbers;
  readonly #calendar: Calendar;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database, seal: Seal, numbers: RowNumbers, calendar: Calendar) {
    this.#seal = seal;
    this.#numbers = numbers;
    this.#calendar = calendar;
    this.#sql = prepare(database);
  }

  /** A notice is begun, and said as it is. @returns its id */
  add(loginId: number, portalId: number, content: Gathered): number {
    const now = this.#calendar.now().getTime();
    this.#sql.sweep.run(portalId, now - KEPT_MS);
    const id = this.#numbers.next("gathered");
    this.#sql.insert.run(id, loginId, portalId, this.#sealed(id, loginId, content), now);
    return id;
  }

  find(id: number): GatheredRow | undefined {
    const row = findRow(gatheredRow, this.#sql.get.get(id));
    if (row === undefined) return undefined;
    const { loginId, sealed, isTold, created } = row;
    const body = gathered.parse(JSON.parse(this.#seal.open(sealed, placeIn("gathered.body", id, loginId))));
    return { id, created, gathered: body, isTold };
  }

  /** It has more to tell, which is not said yet. */
  grow(id: number, loginId: number, content: Gathered): void {
    this.#sql.grow.run(this.#sealed(id, loginId, content), id);
  }

  /** All that it has to tell is promised to be said. */
  told(id: number): void {
    this.#sql.told.run(id);
  }

  /** Those of a portal that have something to tell which is not said yet. */
  untold(portalId: number): number[] {
    return listRows(z.int(), this.#sql.untold.all(portalId));
  }

  /** It tells of a row of the journal. */
  addRow(id: number, rowId: number): void {
    this.#sql.insertRow.run(id, rowId);
  }

  /** The rows it tells of that were not, or may not have been, delivered, though their like can be; oldest first. */
  undelivered(id: number): number[] {
    return listRows(z.int(), this.#sql.undelivered.all(id));
  }

  /** Where it was said. */
  said(id: number, { roomId, eventId }: GatheredEvent): void {
    this.#sql.said.run(roomId, eventId, id);
  }

  event(id: number): GatheredEvent | undefined {
    return findRow(gatheredEvent, this.#sql.event.get(id));
  }

  /** The notice that an event of a portal's room is. */
  findByEvent(portalId: number, eventId: string): number | undefined {
    return findRow(z.int(), this.#sql.findByEvent.get(eventId, portalId));
  }

  /** The newest that tells of a row. */
  findByRow(rowId: number): number | undefined {
    return findRow(z.int(), this.#sql.findByRow.get(rowId));
  }

  #sealed(id: number, loginId: number, content: Gathered): Buffer {
    return this.#seal.seal(JSON.stringify(content), placeIn("gathered.body", id, loginId));
  }
}

function prepare(database: Database) {
  return {
    insert: database.prepare(
      "INSERT INTO gathered (id, login_id, portal_id, body, is_told, created) VALUES (?, ?, ?, ?, 1, ?)",
    ),
    sweep: database.prepare(
      `DELETE FROM gathered WHERE portal_id = ? AND created < ? AND NOT EXISTS
         (SELECT 1 FROM gathered_row JOIN journal ON journal.id = row_id WHERE gathered_id = gathered.id)`,
    ),
    get: database.prepare(
      "SELECT id, login_id AS loginId, body AS sealed, is_told AS isTold, created FROM gathered WHERE id = ?",
    ),
    grow: database.prepare("UPDATE gathered SET body = ?, is_told = 0 WHERE id = ?"),
    told: database.prepare("UPDATE gathered SET is_told = 1 WHERE id = ?"),
    untold: database.prepare("SELECT id FROM gathered WHERE portal_id = +? AND is_told = 0 ORDER BY id").pluck(),
    insertRow: database.prepare("INSERT INTO gathered_row (gathered_id, row_id) VALUES (?, ?) ON CONFLICT DO NOTHING"),
    undelivered: database
      .prepare(
        `SELECT row_id FROM gathered_row JOIN journal ON journal.id = row_id
         WHERE gathered_id = +? AND state IN ('failed', 'uncertain') AND reason NOT IN ('unsupported', '${UNDER_WAY}')
         ORDER BY row_id`,
      )
      .pluck(),
    said: database.prepare("UPDATE gathered SET room_id = ?, event_id = ? WHERE id = ?"),
    event: database.prepare(
      "SELECT room_id AS roomId, event_id AS eventId FROM gathered WHERE id = ? AND event_id IS NOT NULL",
    ),
    findByEvent: database.prepare("SELECT id FROM gathered WHERE event_id = ? AND portal_id = ?").pluck(),
    findByRow: database
      .prepare("SELECT max(gathered_id) FROM gathered_row WHERE row_id = ? HAVING count(*) > 0")
      .pluck(),
  };
}
