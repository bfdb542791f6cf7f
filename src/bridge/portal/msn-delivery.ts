import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Delivery, OutgoingContent } from "../../msn/index.ts";
import type { EditTable } from "../../store/edits.ts";
import type { Journal } from "../../store/journal.ts";
import type { OpenRow } from "../../store/journal-row.ts";
import type { PartTable } from "../../store/parts.ts";
import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { PendingEdits, Stale } from "./pending-edits.ts";
import { EventsNow } from "./event-now.ts";
import { Outcomes } from "./outcomes.ts";
import { OutgoingRow } from "./outgoing-row.ts";
import { References } from "./references.ts";
import { Retries } from "./retries.ts";
import {
  BROKEN,
  maybeDelivered,
  NOT_TAKEN_BACK,
  notDelivered,
  partlyDelivered,
  TOO_MANY_MESSAGES,
  UNANSWERED,
} from "../words/delivery.ts";
import { day } from "../words/time.ts";
import type { AcceptedEvent } from "../base/accepted-event.ts";
import type { Settings } from "../base/settings.ts";
import type { MatrixEvent } from "../../convert/matrix-event.ts";
import { toMsn, type Crossing, type FileToSend } from "../../convert/to-msn.ts";
import { commitUntilWritten } from "../base/commit.ts";
import { JournalWorker, type Job } from "../base/journal-worker.ts";

export interface MsnDeliveryOptions {
  readonly portalId: number;
  readonly journal: Journal;
  readonly edits: EditTable;
  readonly parts: PartTable;
  readonly ghost: UserIntent;
  /** The name that people know the contact by, for sentences. */
  readonly name: () => string;
  /** Says something to the contact that was accepted at a time; `onWrite` is called before the first byte is written. */
  readonly say: (content: OutgoingContent, acceptedAt: number, onWrite: () => void) => Promise<Delivery>;
  /** Takes over a row with a file, makes it uncertain at once, and settles it when that is known. */
  readonly sendFile: (rowId: number, file: FileToSend) => void;
  /** Settles a row that takes back a message whose file is on its way, and cancels that. False: there is none. */
  readonly takeBackFile: (rowId: number, target: string) => boolean;
  /** Does work on the disk in one commit. */
  readonly batch: (work: () => void) => void;
  /** Answers an event in the room. */
  readonly answer: (eventId: string | null, sentence: string) => void;
  /** Something that is said once in a room; false: it has been said. */
  readonly sayOnce: (what: string) => boolean;
  /** What the contacts call somebody who is in the room. */
  readonly nameOfUser: (userId: string) => string;
  /** The name of the contact for whom one of our users stands; undefined for other users. */
  readonly nameOfGhost: (userId: string) => string | undefined;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// What one portal may have waiting; nobody types this much in two minutes.
const QUEUE_LIMIT = 1000;
// How often in a row the homeserver is asked about other events: for less than half a minute for a quotation, for about
// two minutes where nothing can be sent without.
const QUOTE_TRIES = 6;
const PATIENCE = { tries: 20, mostMs: 10_000 };

/** From the journal to the contact, row by row, in order. It alone decides what the sender sees of the outcome. */
export class MsnDelivery implements Job<OutgoingRow> {
  readonly name: string;
  readonly outcomes: Outcomes;
  readonly #options: MsnDeliveryOptions;
  readonly #worker: JournalWorker<OutgoingRow>;
  readonly #pendingEdits: PendingEdits;
  readonly #references: References;
  readonly #retries: Retries;
  /** The row after the one that was settled last, as it was read then. */
  #peeked: OutgoingRow | undefined;

  constructor(options: MsnDeliveryOptions) {
    this.#options = options;
    const events = new EventsNow({ reader: options.ghost, edits: options.edits });
    this.#references = new References({ ...options, events });
    this.#pendingEdits = new PendingEdits({ ...options, events });
    this.#retries = new Retries({ ...options, pendingEdits: this.#pendingEdits });
    this.outcomes = new Outcomes(options);
    this.name = `messages of portal ${options.portalId} to MSN`;
    this.#worker = new JournalWorker(options, this, PATIENCE);
  }

  /** The journal holds an event of the owner. */
  accept(accepted: AcceptedEvent): void {
    const { rowId, event } = accepted;
    const { journal, portalId } = this.#options;
    const isFull = journal.count("to-msn", portalId) >= QUEUE_LIMIT;
    journal.assign(rowId, portalId);
    if (isFull) {
      const sent = { id: rowId, roomId: event.roomId, eventId: event.id };
      return this.outcomes.undelivered(sent, "failed", "refused", TOO_MANY_MESSAGES);
    }
    // At once: what is corrected would otherwise be sent first.
    if (!this.#pendingEdits.apply(accepted)) this.#worker.wake();
  }

  /**
   * Sends again what was not, or may not have been, delivered last, as it is now.
   * @returns whether there was something to send
   * @throws MatrixError
   */
  async retry(): Promise<boolean> {
    const isOpen = await this.#retries.retry();
    if (isOpen) this.#worker.wake();
    return isOpen;
  }

  /** The journal may hold something. */
  wake(): void {
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#worker.stop(), this.outcomes.stop()]);
    this.#peeked?.unmark();
  }

  next(): OutgoingRow | undefined {
    const { journal, portalId } = this.#options;
    const peeked = this.#peeked;
    this.#peeked = undefined;
    if (peeked !== undefined) return peeked;
    const row = journal.next("to-msn", portalId);
    return row && new OutgoingRow(this.#options, row);
  }

  async work(out: OutgoingRow, failures: number): Promise<void> {
    try {
      await this.#deliver(out, failures);
    } catch (error) {
      // It is read once more.
      if (!(error instanceof Stale)) throw error;
    }
  }

  giveUp({ row }: OutgoingRow, error: unknown): boolean {
    const { log, portalId } = this.#options;
    log.error({ error, portal: portalId }, "a message could not be sent");
    const isAway = error instanceof MatrixError && error.retryable;
    if (isAway) this.outcomes.undelivered(row, "failed", "homeserver", UNANSWERED);
    else this.outcomes.undelivered(row, "failed", "internal", BROKEN);
    return false;
  }

  async #deliver(out: OutgoingRow, failures: number): Promise<void> {
    const { row, peeked } = out;
    const { name, parts, settings } = this.#options;
    if (peeked?.contents !== undefined) return this.#sayAndSettle(out, peeked.contents);
    // A row that an earlier run was sending when it died: its bytes may have gone out.
    if (row.state === "sending")
      return this.outcomes.undelivered(row, "uncertain", "interrupted", maybeDelivered(name()));
    const meant = await this.#pendingEdits.meaningOf(row.id, peeked?.event ?? this.#pendingEdits.read(row));
    if (meant === undefined) return;
    const about = await this.#references.of(meant.event, failures < QUOTE_TRIES);
    const event = await this.#references.named(meant.event);
    const before = meant.before && (await this.#references.named(meant.before));
    const crossing = toMsn(event, { ...settings.messages, before, about });
    if (!("contents" in crossing)) return this.#stay(row, crossing);
    if (crossing.type !== "file") return this.#sayAndSettle(out, crossing.contents);
    // What was said with a file that did not arrive did.
    if (crossing.contents.length > 0 && parts.done(row.id) === 0) {
      if (!(await this.#say(out, crossing.contents))) return;
      await commitUntilWritten(this.#options, () => parts.set(row.id, 1));
    }
    if (out.isLeft) return;
    this.#pendingEdits.check(row.id);
    // It may take an hour, and what is written meanwhile does not wait for it.
    this.#options.sendFile(row.id, fileAfter(crossing.file, parts.done(row.id) - 1));
  }

  async #sayAndSettle(out: OutgoingRow, contents: readonly OutgoingContent[]): Promise<void> {
    if (!(await this.#say(out, contents))) return;
    await commitUntilWritten(this.#options, () => {
      let peeked: OutgoingRow | undefined;
      this.#options.batch(() => {
        this.outcomes.delivered(out.row);
        peeked = this.#peek();
      });
      this.#peeked = peeked;
    });
  }

  /** False: the row is settled otherwise, or left to the next run. */
  async #say(out: OutgoingRow, contents: readonly OutgoingContent[]): Promise<boolean> {
    const { name } = this.#options;
    for (const [index, content] of contents.entries()) {
      const delivery = await out.say(content, this.#pendingEdits);
      if (delivery === undefined) return false;
      if (delivery.state === "delivered") continue;
      const sentence = index === 0 ? notDelivered(delivery, name()) : partlyDelivered(name());
      const { state, error } = delivery;
      await commitUntilWritten(this.#options, () => this.outcomes.undelivered(out.row, state, error.code, sentence));
      return false;
    }
    return true;
  }

  /**
   * Reads the row after one that has arrived. Where it can go out at once, since nothing has to be asked for it and the
   * contact has just been reached, it is marked with the same commit.
   */
  #peek(): OutgoingRow | undefined {
    const { journal, portalId, settings, signal } = this.#options;
    const row = signal.aborted ? undefined : journal.next("to-msn", portalId);
    if (row?.state !== "accepted") return undefined;
    const event = this.#readable(row);
    if (event === undefined) return undefined;
    if (event.kind !== "message" || this.#references.isNeededFor(event))
      return new OutgoingRow(this.#options, row, { event });
    const crossing = toMsn(event, settings.messages);
    if (crossing.type !== "send" || crossing.contents.length === 0)
      return new OutgoingRow(this.#options, row, { event });
    journal.markSending(row.id);
    return new OutgoingRow(this.#options, row, { event, contents: crossing.contents });
  }

  // What is wrong with a row is said in its turn, and must not keep the one before from being settled.
  #readable(row: OpenRow): MatrixEvent | undefined {
    try {
      return this.#pendingEdits.read(row);
    } catch (error) {
      this.#options.log.debug({ error, row: row.id }, "the next message cannot be read");
      return undefined;
    }
  }

  async #stay(row: OpenRow, crossing: Exclude<Crossing, { contents: unknown }>): Promise<void> {
    const { id, roomId } = row;
    const { journal, sayOnce, batch } = this.#options;
    switch (crossing.type) {
      case "ignore":
        journal.settle(id, "skipped");
        return;
      case "redaction":
        // It came while what was said with the file was being sent.
        if (!this.#options.takeBackFile(id, crossing.eventId)) this.#cannotTakeBack(id, crossing.eventId);
        return;
      case "refuse":
        // In one commit, or what was not said would count as said.
        batch(() => {
          if (crossing.once === undefined || sayOnce(crossing.once))
            this.outcomes.undelivered(row, "failed", "unsupported", crossing.sentence);
          else journal.settle(id, "failed", "unsupported");
        });
        return;
      case "retry": {
        const done = await this.#retries.retryTarget(roomId, crossing.eventId);
        journal.settle(id, "skipped", done ? "retried" : "nothing to retry");
      }
    }
  }

  // It has been sent: there is nothing that MSN could do about it. Once a day is enough to say so.
  #cannotTakeBack(id: number, target: string): void {
    const { journal, portalId, sayOnce, batch, answer, clock } = this.#options;
    const row = journal.findByEventId(target);
    const isSent = row?.portalId === portalId && (row.state === "delivered" || row.state === "uncertain");
    batch(() => {
      journal.settle(id, "skipped", "too late");
      if (isSent && sayOnce(`not taken back ${day(clock.now())}`)) answer(null, NOT_TAKEN_BACK);
    });
  }
}

/** What is to be sent of files of which some have arrived. */
function fileAfter(file: FileToSend, count: number): FileToSend {
  return count > 0 && file.next !== undefined ? fileAfter(file.next, count - 1) : file;
}
