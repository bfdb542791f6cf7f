import { z } from "zod";

const DIRECTIONS = ["to-msn", "to-matrix"] as const;
export type Direction = (typeof DIRECTIONS)[number];

const OPEN_STATES = ["accepted", "sending"] as const;
const SETTLED_STATES = ["delivered", "failed", "uncertain", "skipped"] as const;
/** How the way of a row ended. */
export type SettledState = (typeof SETTLED_STATES)[number];
type JournalState = (typeof OPEN_STATES)[number] | SettledState;

/** Something that was accepted on one side, and how far it has come. */
export interface JournalRow {
  id: number;
  direction: Direction;
  /** The event's id, for what came from Matrix. */
  eventId: string | null;
  /** The event's room, for what came from Matrix. */
  roomId: string | null;
  portalId: number | null;
  /** The transaction id to send with, for what goes to Matrix; never changes. */
  txnId: string | null;
  state: JournalState;
  /** Why the row was settled as it was. */
  reason: string | null;
  /** Milliseconds since the epoch. */
  created: number;
  /** Milliseconds since the epoch. */
  updated: number;
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

export const JOURNAL_COLUMNS =
  "id, direction, event_id AS eventId, room_id AS roomId, portal_id AS portalId, txn_id AS txnId, " +
  "state, reason, created, updated";

/** A row of the table, as those columns give it. */
export const journalRow = z.object({
  id: z.int(),
  direction: z.enum(DIRECTIONS),
  eventId: z.string().nullable(),
  roomId: z.string().nullable(),
  portalId: z.int().nullable(),
  txnId: z.string().nullable(),
  state: z.enum([...OPEN_STATES, ...SETTLED_STATES]),
  reason: z.string().nullable(),
  created: z.int(),
  updated: z.int(),
});
