import { parseNumbered, type Facts, type LifeFacts, type Numbered, type Sent, type Written } from "./facts.ts";
import { MOST_UNSETTLED } from "./window.ts";

/** The directions in which messages go. */
export type Way = "toMatrix" | "toMsn";

/** What can go wrong with a message, told apart by the direction. */
export const MESSAGE_FAULTS = ["lost", "doubled", "silent", "outOfOrder", "toldWrongly"] as const;
type MessageFault = (typeof MESSAGE_FAULTS)[number];

/** What else can go wrong. */
export const OTHER_FAULTS = [
  "tooManyUnknowable",
  "unsettled",
  "killsWithoutTraffic",
  "roomsTwice",
  "roomsWithoutInvite",
] as const;
type OtherFault = (typeof OTHER_FAULTS)[number];

/** What became of the messages of a run, and of its rooms. */
export interface Verdict {
  /** Arrived, once. */
  readonly delivered: Record<Way, number>;
  /** Did not arrive, or may not have, and the sender was told. */
  told: number;
  /** Had been written to the bridge when it was killed, and was not yet on its disk. */
  unknowable: number;
  /** How many turns of the bridge's loop one of these has waited at most. */
  mostTurns: number;
  /**
   * Per direction. `silent`: the bridge knows that it failed, and has told nobody. `toldWrongly`: told twice, told or shown
   * something else than what happened, or than what the bridge itself has written down.
   */
  readonly messages: Record<MessageFault, Record<Way, number>>;
  /**
   * `tooManyUnknowable`: more of one conversation and kill than can have been on their way. `unsettled`: what is open in the
   * journal at the end. `killsWithoutTraffic`: nothing went through in one of the directions since the start before.
   */
  readonly others: Record<OtherFault, number>;
  /** A line for each thing that is wrong. */
  readonly problems: string[];
}

// What a contact says is on disk some turns of the loop after it has come: two, or a few more where many connections wait and a
// turn has time for few of them. How long these take is the machine's affair; what has waited for more of them could have been
// there, and must not be missing.
const MOST_TURNS = 16;

// The words for what became of a message, by the state of its row.
const WORDS: Readonly<Record<string, string>> = {
  failed: "was not delivered",
  uncertain: "may not have been delivered",
};
const CERTAIN = "was not delivered";

/** Judges a run from what both networks know. */
export function judge(facts: Facts): Verdict {
  const ledger = new Ledger();
  judgeToMatrix(ledger, facts);
  judgeToMsn(ledger, facts);
  judgeRooms(ledger, facts);
  judgeRun(ledger, facts);
  return ledger.verdict;
}

export function isGood({ problems }: Verdict): boolean {
  return problems.length === 0;
}

class Ledger {
  readonly verdict: Verdict = {
    delivered: none(),
    told: 0,
    unknowable: 0,
    mostTurns: 0,
    messages: { lost: none(), doubled: none(), silent: none(), outOfOrder: none(), toldWrongly: none() },
    others: { tooManyUnknowable: 0, unsettled: 0, killsWithoutTraffic: 0, roomsTwice: 0, roomsWithoutInvite: 0 },
    problems: [],
  };

  message(kind: MessageFault, way: Way, words: string): void {
    this.verdict.messages[kind][way] += 1;
    this.verdict.problems.push(`${kind} ${way}: ${words}`);
  }

  other(kind: OtherFault, words: string): void {
    this.verdict.others[kind] += 1;
    this.verdict.problems.push(`${kind}: ${words}`);
  }
}

function none(): Record<Way, number> {
  return { toMatrix: 0, toMsn: 0 };
}

function judgeToMatrix(ledger: Ledger, { written, rooms, journal, lives }: Facts): void {
  const arrivals = rooms.flatMap(({ shown, owner, contact }) =>
    shown.filter((text) => isFor(text, { from: contact, to: owner })),
  );
  const counts = countArrivals(ledger, "toMatrix", arrivals);
  const unknowable: Written[] = [];
  for (const said of groupBy(written, ({ socket }) => String(socket)).values()) {
    const last = said.findLastIndex(({ text }) => counts.has(text));
    for (const [index, one] of said.entries()) {
      if (counts.has(one.text)) continue;
      const life = one.kill === null ? undefined : lives[one.kill - 1];
      const turns = life?.turnsSince(one.at) ?? 0;
      const why = index < last ? "what came after it did not get lost" : whyKnowable(one, life, turns);
      if (why !== undefined) ledger.message("lost", "toMatrix", `${one.text} (kill ${one.kill ?? "none"}): ${why}`);
      else {
        unknowable.push(one);
        ledger.verdict.mostTurns = Math.max(ledger.verdict.mostTurns, turns);
      }
    }
  }
  ledger.verdict.unknowable += unknowable.length;
  for (const [moment, group] of groupBy(unknowable, ({ text, kill }) => `kill ${kill}, ${conversationOf(text)}`)) {
    if (group.length > MOST_UNSETTLED) ledger.other("tooManyUnknowable", `${group.length} at ${moment}`);
  }
  for (let given = 0; given < journal.givenUp; given += 1) {
    ledger.message("silent", "toMatrix", "the bridge gave up a message of a contact");
  }
}

/** Why a message that did not come must have; undefined: it was still on its way when the bridge was killed. */
function whyKnowable({ text }: Written, life: LifeFacts | undefined, turns: number): string | undefined {
  if (life === undefined) return "no kill ended its connection";
  if (life.hasKept(text)) return "it was on disk";
  return turns > MOST_TURNS ? `the loop went round ${turns} times since it was written` : undefined;
}

function judgeToMsn(ledger: Ledger, { sent, received, rooms, journal }: Facts): void {
  const arrivals = received.filter(({ by, text }) => parseNumbered(text)?.to === by).map(({ text }) => text);
  const counts = countArrivals(ledger, "toMsn", arrivals);
  const notices = groupBy(
    rooms.flatMap((room) => room.notices),
    ({ replyTo }) => replyTo,
  );
  const receipts = new Set(rooms.flatMap((room) => room.receipts));
  for (const one of sent) {
    const told = (notices.get(one.eventId) ?? []).map(({ text }) => text);
    judgeSent(ledger, one, { told, arrived: counts.has(one.text), state: journal.states.get(one.eventId) });
    if (receipts.has(one.eventId) && !counts.has(one.text)) {
      ledger.message("toldWrongly", "toMsn", `${one.text} ${one.eventId}: shown to have arrived, but it did not`);
    }
  }
}

interface Fate {
  readonly told: readonly string[];
  readonly arrived: boolean;
  readonly state: string | undefined;
}

function judgeSent(ledger: Ledger, { text, eventId }: Sent, { told, arrived, state }: Fate): void {
  const wrong = wrongWords({ told, arrived, state });
  if (wrong !== undefined) ledger.message("toldWrongly", "toMsn", `${text} ${eventId}: ${wrong}`);
  if (told.length > 0) ledger.verdict.told += 1;
  else if (state === "failed" || state === "uncertain")
    ledger.message("silent", "toMsn", `${text} ${eventId} (${state})`);
  else if (!arrived) ledger.message("lost", "toMsn", `${text} ${eventId} (the journal says: ${state ?? "nothing"})`);
}

function wrongWords({ told, arrived, state }: Fate): string | undefined {
  const [words, ...more] = told;
  if (words === undefined) return undefined;
  if (more.length > 0) return `told ${told.length} times`;
  if (arrived && words.includes(CERTAIN)) return "said not to be delivered, but it was";
  if (state === undefined) return undefined;
  const expected = WORDS[state];
  return expected !== undefined && words.includes(expected)
    ? undefined
    : `told "${words}", but the journal says ${state}`;
}

function judgeRooms(ledger: Ledger, { rooms }: Facts): void {
  for (const [portal, group] of groupBy(rooms, ({ owner, contact }) => `${owner} and ${contact}`)) {
    if (group.length > 1) ledger.other("roomsTwice", `${portal}: ${group.map(({ id }) => id).join(", ")}`);
  }
  for (const { id, owner, membership } of rooms) {
    if (membership !== "invite" && membership !== "join") ledger.other("roomsWithoutInvite", `${id} of ${owner}`);
  }
}

function judgeRun(ledger: Ledger, { journal, still }: Facts): void {
  for (const open of journal.open) ledger.other("unsettled", open);
  for (const kill of still) ledger.other("killsWithoutTraffic", `before kill ${kill}`);
}

/** Counts what arrived, and finds what did so twice or behind a later one. Returns the texts that arrived. */
function countArrivals(ledger: Ledger, way: Way, arrivals: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const latest = new Map<string, number>();
  for (const text of arrivals) {
    const number = parseNumbered(text)?.number ?? 0;
    const conversation = conversationOf(text);
    const before = latest.get(conversation) ?? -1;
    if (seen.has(text)) ledger.message("doubled", way, text);
    else if (number < before) ledger.message("outOfOrder", way, `${text} after ${before}`);
    seen.add(text);
    latest.set(conversation, Math.max(before, number));
  }
  ledger.verdict.delivered[way] += seen.size;
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
