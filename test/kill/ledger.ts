import { parseNumbered, type Facts, type Numbered, type Sent, type Written } from "./facts.ts";

/** What became of the messages of a run, and of its rooms. Only the first four may be more than 0 in a good run. */
export interface Verdict {
  /** Arrived, once. */
  delivered: number;
  /** Did not arrive, or may not have, and the sender was told. */
  told: number;
  /** Was in the socket of the bridge when it was killed. */
  unknowable: number;
  /** Of these: already taken out of the socket, and not yet written down. At most one connection for each kill. */
  inHand: number;
  lost: number;
  doubled: number;
  /** The bridge knows that it failed, and has told nobody. */
  silent: number;
  outOfOrder: number;
  /** Told twice, or told that it was not delivered when it was. */
  toldWrongly: number;
  /** More unknowable messages of one conversation and kill than it can have said in that moment. */
  tooManyUnknowable: number;
  roomsTwice: number;
  roomsWithoutInvite: number;
  /** A line for each thing that is wrong. */
  problems: string[];
}

/** The counts that must be 0. */
export const FAULTS = [
  "lost",
  "doubled",
  "silent",
  "outOfOrder",
  "toldWrongly",
  "tooManyUnknowable",
  "roomsTwice",
  "roomsWithoutInvite",
] as const satisfies readonly (keyof Verdict)[];

type Fault = (typeof FAULTS)[number];

// A contact says at most a few things within the moment between the freezing and the end of the bridge; a busy bridge
// may be a little behind as well.
const MOST_UNKNOWABLE = 8;

const CERTAIN = "was not delivered";

/** Judges a run from what both networks know. */
export function judge(facts: Facts): Verdict {
  const ledger = new Ledger();
  judgeToMatrix(ledger, facts);
  judgeToMsn(ledger, facts);
  judgeRooms(ledger, facts);
  return ledger.verdict;
}

export function isGood(verdict: Verdict): boolean {
  return FAULTS.every((fault) => verdict[fault] === 0);
}

class Ledger {
  readonly verdict: Verdict = {
    delivered: 0,
    told: 0,
    unknowable: 0,
    inHand: 0,
    lost: 0,
    doubled: 0,
    silent: 0,
    outOfOrder: 0,
    toldWrongly: 0,
    tooManyUnknowable: 0,
    roomsTwice: 0,
    roomsWithoutInvite: 0,
    problems: [],
  };

  fault(kind: Fault, words: string): void {
    this.verdict[kind] += 1;
    this.verdict.problems.push(`${kind}: ${words}`);
  }
}

function judgeToMatrix(ledger: Ledger, { written, rooms }: Facts): void {
  const arrivals = rooms.flatMap(({ shown, owner, contact }) =>
    shown.filter((text) => isFor(text, { from: contact, to: owner })),
  );
  const counts = countArrivals(ledger, arrivals);
  const missing = written.filter(({ text }) => !counts.has(text));
  const inHand = findInHand(missing);
  const unknowable = missing.filter((one) => isUnread(one) || inHand.has(one));
  for (const one of missing) {
    if (!unknowable.includes(one)) ledger.fault("lost", `${one.text} (kill ${one.kill ?? "none"})`);
  }
  ledger.verdict.unknowable += unknowable.length;
  ledger.verdict.inHand += inHand.size;
  for (const [moment, group] of groupBy(unknowable, ({ text, kill }) => `kill ${kill}, ${conversationOf(text)}`)) {
    if (group.length > MOST_UNKNOWABLE) ledger.fault("tooManyUnknowable", `${group.length} at ${moment}`);
  }
}

function isUnread({ kill, unread }: Written): boolean {
  return kill !== null && unread;
}

// The bridge reads one connection at a time, and writes down what it has read before it reads on. So at the moment of a
// kill, one connection can have been read and not yet written down.
function findInHand(missing: readonly Written[]): Set<Written> {
  const read = missing.filter(({ kill, unread }) => kill !== null && !unread);
  const inHand = [...groupBy(read, ({ kill }) => String(kill)).values()].flatMap((group) =>
    group.filter(({ socket }) => socket === group[0]?.socket),
  );
  return new Set(inHand);
}

function judgeToMsn(ledger: Ledger, { sent, received, rooms, journal }: Facts): void {
  const arrivals = received.filter(({ by, text }) => parseNumbered(text)?.to === by).map(({ text }) => text);
  const counts = countArrivals(ledger, arrivals);
  const notices = groupBy(
    rooms.flatMap((room) => room.notices),
    ({ replyTo }) => replyTo,
  );
  for (const one of sent) {
    const told = (notices.get(one.eventId) ?? []).map(({ text }) => text);
    judgeSent(ledger, one, { told, arrived: counts.has(one.text), state: journal.get(one.eventId) });
  }
}

interface Fate {
  readonly told: readonly string[];
  readonly arrived: boolean;
  readonly state: string | undefined;
}

function judgeSent(ledger: Ledger, { text, eventId }: Sent, { told, arrived, state }: Fate): void {
  if (told.length > 1) ledger.fault("toldWrongly", `${text} ${eventId}: told ${told.length} times`);
  if (arrived && told.some((words) => words.includes(CERTAIN))) {
    ledger.fault("toldWrongly", `${text} ${eventId}: said not to be delivered, but it was`);
  }
  if (told.length > 0) ledger.verdict.told += 1;
  else if (state === "failed" || state === "uncertain") ledger.fault("silent", `${text} ${eventId} (${state})`);
  else if (!arrived) ledger.fault("lost", `${text} ${eventId} (the journal says: ${state ?? "nothing"})`);
}

function judgeRooms(ledger: Ledger, { rooms }: Facts): void {
  for (const [portal, group] of groupBy(rooms, ({ owner, contact }) => `${owner} and ${contact}`)) {
    if (group.length > 1) ledger.fault("roomsTwice", `${portal}: ${group.map(({ id }) => id).join(", ")}`);
  }
  for (const { id, owner, membership } of rooms) {
    if (membership !== "invite" && membership !== "join") ledger.fault("roomsWithoutInvite", `${id} of ${owner}`);
  }
}

/** Counts what arrived, and finds what did so twice or behind a later one. Returns the texts that arrived. */
function countArrivals(ledger: Ledger, arrivals: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const latest = new Map<string, number>();
  for (const text of arrivals) {
    const number = parseNumbered(text)?.number ?? 0;
    const conversation = conversationOf(text);
    const before = latest.get(conversation) ?? -1;
    if (seen.has(text)) ledger.fault("doubled", text);
    else if (number < before) ledger.fault("outOfOrder", `${text} after ${before}`);
    seen.add(text);
    latest.set(conversation, Math.max(before, number));
  }
  ledger.verdict.delivered += seen.size;
  return seen;
}

function isFor(text: string, { from, to }: Omit<Numbered, "number">): boolean {
  const message = parseNumbered(text);
  return message?.from === from && message.to === to;
}

function conversationOf(text: string): string {
  const message = parseNumbered(text);
  return message === undefined ? text : `${message.from} to ${message.to}`;
}

function groupBy<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  return Map.groupBy(all, key);
}
