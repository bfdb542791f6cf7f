import { z } from "zod";
import { date } from "./rows.ts";

const DIRECTIONS = ["to-msn", "to-matrix"] as const;
export type Direction = (typeof DIRECTIONS)[number];

const OPEN_STATES = ["accepted", "sending"] as const;
const SETTLED_STATES = ["delivered", "failed", "uncertain", "skipped"] as const;
/** How the way of a row ended. */
export type SettledState = (typeof SETTLED_STATES)[number];

// A settled row may name a portal that has gone.
export const JOURNAL_COLUMNS =
  "id, direction, event_id AS eventId, room_id AS roomId, state, reason, created, updated, " +
  "(SELECT portal.id FROM portal WHERE portal.id = journal.portal_id) AS portalId";

/** A row of the table, as those columns give it. */
export const journalRow = z.object({
  id: z.int(),
  direction: z.enum(DIRECTIONS),
  /** The event's id, for what came from Matrix. */
  eventId: z.string().nullable(),
  /** The event's room, for what came from Matrix. */
  roomId: z.string().nullable(),
  portalId: z.int().nullable(),
  state: z.enum([...OPEN_STATES, ...SETTLED_STATES]),
  /** Why the row was settled as it was. */
  reason: z.string().nullable(),
  created: date,
  updated: date,
});

/** Something that was accepted on one side, and how far it has come. */
export interface JournalRow extends z.output<typeof journalRow> {
  /** The transaction id to send with, for what goes to Matrix; never changes. */
  readonly txnId: string | null;
}

/** A row that is not settled, with what it holds: one reading of the disk. */
export interface OpenRow extends JournalRow {
  /** What was accepted, as it is by now. @throws StoreError `damaged` */
  readonly body: () => unknown;
}

/** An event that has just been accepted. */
export interface AcceptedRow {
  readonly id: number;
  readonly event: unknown;
}
