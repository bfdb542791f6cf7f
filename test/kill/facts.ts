import { z } from "zod";

/** A numbered message, as its text has it: `m <from> <to> <number>`. */
export interface Numbered {
  readonly from: string;
  readonly to: string;
  readonly number: number;
}

export function numbered({ from, to, number }: Numbered): string {
  return `m ${from} ${to} ${number}`;
}

/** Undefined when the text is no numbered message. */
export function parseNumbered(text: string): Numbered | undefined {
  const [, from, to, number] = /^m (\S+) (\S+) (\d+)$/u.exec(text) ?? [];
  return from === undefined || to === undefined ? undefined : { from, to, number: Number(number) };
}

/** A message of a contact that the MSN server has written to a connection of the bridge. */
export const written = z.object({
  text: z.string(),
  /** Which connection. */
  socket: z.int(),
  /** The kill that ended the connection; null while it lives, or when it ended by itself. */
  kill: z.int().nullable(),
  /** When it was written; a moment of this machine. */
  at: z.number(),
});
export type Written = z.output<typeof written>;

/** What is known of a process of the bridge that has ended. */
export interface LifeFacts {
  /** How often its loop went round since a moment. */
  turnsSince(at: number): number;
  /** Whether it had a message on disk. */
  hasKept(text: string): boolean;
}

/** A message as a contact got it. */
export const received = z.object({ by: z.string(), text: z.string() });
export type Received = z.output<typeof received>;

/** A room of a portal as it stands on the homeserver. */
export const portalRoom = z.object({
  id: z.string(),
  /** Who was invited by the room's creator: a name without `@` and domain. */
  owner: z.string(),
  /** The membership of the owner. */
  membership: z.string().nullable(),
  /** The account that the creator stands for, up to its `@`. */
  contact: z.string(),
  /** What the contact said, oldest first. */
  shown: z.array(z.string()),
  /** What was said about messages of the owner. */
  notices: z.array(z.object({ replyTo: z.string(), text: z.string() })),
  /** The messages of the owner that were shown to have arrived. */
  receipts: z.array(z.string()),
});
export type PortalRoom = z.output<typeof portalRoom>;

/** A message that a person has sent into a room. */
export interface Sent {
  readonly text: string;
  readonly eventId: string;
}

/** What the bridge's journal says once the bridge has ended. */
export interface JournalFacts {
  /** The state of each event of the homeserver, by its id. */
  readonly states: ReadonlyMap<string, string>;
  /** A line for everything that is still to be done. */
  readonly open: readonly string[];
  /** How many messages of contacts were given up. */
  readonly givenUp: number;
}

export const NO_JOURNAL: JournalFacts = { states: new Map(), open: [], givenUp: 0 };

/** All that is known at the end. */
export interface Facts {
  readonly written: readonly Written[];
  readonly sent: readonly Sent[];
  readonly received: readonly Received[];
  readonly rooms: readonly PortalRoom[];
  readonly journal: JournalFacts;
  /** What the process of the bridge did that ended with each kill, the first one first. */
  readonly lives: readonly LifeFacts[];
  /** The kills before which nothing went through in one of the directions. */
  readonly still: readonly number[];
}
