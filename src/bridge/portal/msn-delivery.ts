import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Delivery, OutgoingContent } from "../../msn/index.ts";
import type { EditTable } from "../../store/edits.ts";
import type { Journal } from "../../store/journal.ts";
import type { PartTable } from "../../store/parts.ts";
import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { PendingEdits, Stale } from "./pending-edits.ts";
import { EventsNow } from "./event-now.ts";
import { Receipts } from "./receipts.ts";
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

/** From the journal to the contact, row by row, in order. It alone decides what the person sees of the outcome. */
export class MsnDelivery implements Job<number> {
  readonly name: string;
  readonly #options: MsnDeliveryOptions;
  readonly #worker: JournalWorker<number>;
  readonly #receipts: Receipts;
  readonly #pendingEdits: PendingEdits;
  readonly #references: References;
  readonly #retries: Retries;

  constructor(options: MsnDeliveryOptions) {
    this.#options = options;
    const events = new EventsNow({ reader: options.ghost, edits: options.edits });
    this.#references = new References({ ...options, events });
    this.#pendingEdits = new PendingEdits({ ...options, events });
    this.#retries = new Retries({ ...options, pendingEdits: this.#pendingEdits });
    this.#receipts = new Receipts(options.ghost, options);
    this.name = `messages of portal ${options.portalId} to MSN`;
    this.#worker = new JournalWorker(options, this, PATIENCE);
  }

  /** The journal holds an event of the owner. */
  accept(accepted: AcceptedEvent): void {
    const { rowId } = accepted;
    const { journal, portalId } = this.#options;
    if (journal.count("to-msn", portalId) >= QUEUE_LIMIT) return this.refuse(rowId, TOO_MANY_MESSAGES);
    journal.assign(rowId, portalId);
    // At once: what is corrected would otherwise be sent first.
    if (!this.#pendingEdits.apply(accepted)) this.#worker.wake();
  }

  /** The journal holds an event of the owner that must not cross; she is told why. */
  refuse(rowId: number, sentence: string): void {
    this.#options.journal.assign(rowId, this.#options.portalId);
    this.#settle(rowId, "failed", "refused", sentence);
  }

  /** The journal may hold something. */
  wake(): void {
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#worker.stop(), this.#receipts.stop()]);
  }

  next(): number | undefined {
    return this.#options.journal.next("to-msn", this.#options.portalId)?.id;
  }

  async work(id: number, failures: number): Promise<void> {
    try {
      await this.#deliver(id, failures);
    } catch (error) {
      // It is read once more.
      if (!(error instanceof Stale)) throw error;
    }
  }

  giveUp(id: number, error: unknown): boolean {
    const { log, portalId } = this.#options;
    log.error({ error, portal: portalId }, "a message could not be sent");
    if (error instanceof MatrixError && error.retryable) this.#settle(id, "failed", "homeserver", UNANSWERED);
    else this.#settle(id, "failed", "internal", BROKEN);
    return false;
  }

  async #deliver(id: number, failures: number): Promise<void> {
    const { journal, name, parts, settings, signal } = this.#options;
    // A row that an earlier run was sending when it died: its bytes may have gone out.
    if (journal.get(id).state === "sending") {
      this.#settle(id, "uncertain", "interrupted", maybeDelivered(name()));
      return;
    }
    const meant = await this.#pendingEdits.meaningOf(id);
    if (meant === undefined) return;
    const about = await this.#references.of(meant.event, failures < QUOTE_TRIES);
    const event = await this.#references.named(meant.event);
    const before = meant.before && (await this.#references.named(meant.before));
    const crossing = toMsn(event, { ...settings.messages, before, about });
    if (!("contents" in crossing)) return this.#stay(id, crossing);
    // What was said with a file that did not arrive did.
    const isSaid = crossing.type === "file" && parts.done(id) > 0;
    for (const [index, content] of isSaid ? [] : crossing.contents.entries()) {
      const delivery = await this.#say(id, content);
      if (delivery === undefined) return;
      if (delivery.state !== "delivered") {
        const sentence = index === 0 ? notDelivered(delivery, name()) : partlyDelivered(name());
        const { state, error } = delivery;
        return commitUntilWritten(this.#options, () => this.#settle(id, state, error.code, sentence));
      }
    }
    if (crossing.type !== "file") return commitUntilWritten(this.#options, () => this.delivered(id));
    if (crossing.contents.length > 0 && !isSaid) await commitUntilWritten(this.#options, () => parts.set(id, 1));
    // Nothing of it has gone out, so the next run sends it.
    if (signal.aborted && journal.get(id).state === "accepted") return;
    this.#pendingEdits.check(id);
    // It may take an hour, and what is written meanwhile does not wait for it.
    this.#options.sendFile(id, fileAfter(crossing.file, parts.done(id) - 1));
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

  async #stay(id: number, crossing: Exclude<Crossing, { contents: unknown }>): Promise<void> {
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
            this.#settle(id, "failed", "unsupported", crossing.sentence);
          else journal.settle(id, "failed", "unsupported");
        });
        return;
      case "retry": {
        const done = await this.#retries.retryTarget(journal.get(id).roomId, crossing.eventId);
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

  /** Undefined: the bridge stops and nothing of the row has been written, so that the next run sends it. */
  async #say(id: number, content: OutgoingContent): Promise<Delivery | undefined> {
    const { journal, say, signal } = this.#options;
    const { created, state } = journal.get(id);
    const isUnwritten = (): boolean => state === "accepted" && journal.get(id).state === "accepted";
    const saying = say(content, created, () => {
      // What was begun is finished: half of it would be worse than none.
      if (isUnwritten()) signal.throwIfAborted();
      this.#pendingEdits.check(id);
      // Once is enough, and the disk may not take it a second time.
      if (journal.get(id).state === "accepted") journal.markSending(id);
    });
    const stopped = Promise.withResolvers<undefined>();
    const onAbort = (): void => {
      if (isUnwritten()) stopped.resolve(undefined);
    };
    signal.addEventListener("abort", onAbort);
    try {
      const delivery = await Promise.race([saying, stopped.promise]);
      return signal.aborted && isUnwritten() ? undefined : delivery;
    } catch (error) {
      if (signal.aborted && isUnwritten()) return undefined;
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
      // Given up: it ends with the session, and what it says then is of no use.
      saying.catch(() => undefined);
    }
  }

  /** What a row held has arrived. */
  delivered(id: number): void {
    const { journal, settings } = this.#options;
    const { roomId, eventId } = journal.get(id);
    journal.settle(id, "delivered");
    if (roomId === null || eventId === null || !settings.deliveryReceipts) return;
    this.#receipts.add(roomId, eventId);
  }

  /** What a row held has not arrived, and its sender is told why. */
  failed(id: number, reason: string, sentence: string): void {
    this.#settle(id, "failed", reason, sentence);
  }

  #settle(id: number, state: "failed" | "uncertain", reason: string, sentence: string): void {
    const { journal, answer, batch } = this.#options;
    const { eventId } = journal.get(id);
    // In one commit, so that no crash comes between what became of it and saying so.
    batch(() => {
      // False: she has taken it back meanwhile, so that it is no matter to her any more.
      if (journal.settle(id, state, reason)) answer(eventId, sentence);
    });
  }
}

/** What is to be sent of files of which some have arrived. */
function fileAfter(file: FileToSend, count: number): FileToSend {
  return count > 0 && file.next !== undefined ? fileAfter(file.next, count - 1) : file;
}
