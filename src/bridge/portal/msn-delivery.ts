import { MatrixError } from "../../matrix/client/errors.ts";
import type { OutgoingContent } from "../../msn/index.ts";
import type { OpenRow } from "../../store/journal-row.ts";
import type { PortalFiles } from "../files/portal-files.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import { NextRow } from "./next-row.ts";
import { PendingEdits, Stale } from "./pending-edits.ts";
import { EventsNow } from "./event-now.ts";
import type { Outcomes } from "./outcomes.ts";
import type { OutgoingRow } from "./outgoing-row.ts";
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
import { toMsn, type Crossing, type FileToSend } from "../../convert/to-msn.ts";
import { commitUntilWritten } from "../base/commit.ts";
import { JournalWorker, type Job } from "../base/journal-worker.ts";

// What one portal may have waiting; no user types this much in two minutes.
const QUEUE_LIMIT = 1000;
// How often in a row the homeserver is asked about other events: for less than half a minute for a quotation, for about
// two minutes where nothing can be sent without.
const QUOTE_TRIES = 6;
// How long it may take until it is written down that a message has arrived, so that many are written with one commit: where
// another waits for that, and where none does. A crash meanwhile makes it uncertain.
const [BUSY_SETTLE_MS, SETTLE_MS] = [3, 10] as const;
const PATIENCE = { tries: 20, mostMs: 10_000 };

/**
 * From the journal to the contact, row by row, in order.
 *
 * The problem: MSN acknowledges a message at best while the connection lives, and forgets everything with it, but the
 * bridge may be killed at any moment. So what has been written down when the first byte goes out decides what the next run
 * may do: send, or tell the sender that it is not known.
 *
 * | row on disk          | bytes           | after a crash          | an edit or deletion           |
 * | -------------------- | --------------- | ---------------------- | ----------------------------- |
 * | accepted             | none            | is sent                | changes or drops it           |
 * | sending              | may have gone   | uncertain              | follows as a correction       |
 * | uncertain, under way | a file's        | `files` tells of it    | deletion cancels the transfer |
 * | delivered            | have arrived    | nothing                | correction; once a day: no    |
 * | failed, uncertain    | did not, or may | nothing, or `retry`    | is kept for the retry         |
 *
 * Commits: one accepts the event and gives it to this portal, one marks it `sending`, one settles it with what its sender
 * is told. A row that needs nothing from the homeserver, for a contact who is there, is marked with the commit that accepts
 * it (`prepare`), or, where it has waited, with the one that settles the row before (`NextRow`). If its bytes do not go out
 * within that turn it is unmarked (`OutgoingRow`), so that only a crash in that turn makes it uncertain without need. All of
 * these commits are shared with whatever else the bridge writes in the same turn of the loop.
 *
 * Rules:
 *
 * - One row at a time, the oldest first. A file leaves the queue once its words are said, and messages overtake it.
 * - A row is read when its turn comes, and again if it was edited or deleted before its first byte (`Stale`).
 * - What a message answers or whom it names is asked of the homeserver. While that is away the row waits and holds up
 *   those behind it, for a quotation half a minute, otherwise two minutes; then it is sent without, or fails.
 * - What was begun is finished when the bridge stops: half a message would be worse than none. What was not is left.
 * - What became of bytes that have gone out is written down however long the disk is full.
 *
 * What must never happen: bytes before `sending` is on disk; a row sent twice without the sender asking for it; a row
 * settled without its sender seeing a receipt or a reply; a later message before an earlier one.
 */
export class MsnDelivery implements Job<OutgoingRow> {
  readonly name: string;
  readonly #scope: PortalScope;
  readonly #files: Pick<PortalFiles, "send" | "cancel">;
  readonly #outcomes: Outcomes;
  readonly #worker: JournalWorker<OutgoingRow>;
  readonly #pendingEdits: PendingEdits;
  readonly #references: References;
  readonly #retries: Retries;
  readonly #next: NextRow;

  constructor(scope: PortalScope, files: Pick<PortalFiles, "send" | "cancel">, outcomes: Outcomes) {
    this.#scope = scope;
    this.#files = files;
    this.#outcomes = outcomes;
    const events = new EventsNow(scope.members.mainIntent, scope.store.edits);
    this.#references = new References(scope, events);
    this.#pendingEdits = new PendingEdits(scope, events);
    this.#retries = new Retries(scope, this.#pendingEdits);
    this.#next = new NextRow(scope, this.#pendingEdits, this.#references);
    this.name = `messages of portal ${scope.portalId} to MSN`;
    this.#worker = new JournalWorker(scope, this, PATIENCE);
  }

  /** The journal holds an event of the owner. @returns whether it is the next to be sent */
  accept(accepted: AcceptedEvent): boolean {
    const { rowId, event } = accepted;
    const { store, portalId } = this.#scope;
    const { journal } = store;
    const waiting = journal.count("to-msn", portalId);
    journal.assign(rowId, portalId);
    if (waiting >= QUEUE_LIMIT) {
      const sent = { id: rowId, roomId: event.roomId, eventId: event.id };
      this.#outcomes.undelivered(sent, "failed", "refused", TOO_MANY_MESSAGES);
      return false;
    }
    // At once: what is corrected would otherwise be sent first.
    const applied = this.#pendingEdits.apply(accepted);
    if (applied === "settled") return false;
    this.#worker.wake();
    if (waiting > 0) this.#next.expect();
    return applied === "untouched" && waiting === 0;
  }

  /**
   * All that a transaction has for this portal was accepted: where what comes first of it can go out at once, it is marked.
   * To be called in the same commit, which may be done again or not at all: what was prepared counts only while its row is
   * marked on disk.
   */
  prepare(next: AcceptedEvent): void {
    this.#next.prepare(next);
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
    await this.#worker.stop();
    this.#next.leave();
  }

  next(): OutgoingRow | undefined {
    return this.#next.take();
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
    const { log, portalId } = this.#scope;
    log.error({ error, portal: portalId }, "a message could not be sent");
    const isAway = error instanceof MatrixError && error.retryable;
    if (isAway) this.#outcomes.undelivered(row, "failed", "homeserver", UNANSWERED);
    else this.#outcomes.undelivered(row, "failed", "internal", BROKEN);
    return false;
  }

  async #deliver(out: OutgoingRow, failures: number): Promise<void> {
    const { row, peeked } = out;
    const { store, members, settings } = this.#scope;
    const { parts } = store;
    if (peeked?.contents !== undefined) return this.#sayAndSettle(out, peeked.contents);
    // A row that an earlier run was sending when it died: its bytes may have gone out.
    if (row.state === "sending")
      return this.#outcomes.undelivered(row, "uncertain", "interrupted", maybeDelivered(members.name()));
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
      await commitUntilWritten(this.#scope, () => parts.set(row.id, 1));
    }
    if (out.isLeft) return;
    await commitUntilWritten(this.#scope, () => {
      this.#pendingEdits.check(row.id);
      // It may take an hour, and what is written meanwhile does not wait for it.
      this.#files.send(row, fileAfter(crossing.file, parts.done(row.id) - 1));
    });
  }

  async #sayAndSettle(out: OutgoingRow, contents: readonly OutgoingContent[]): Promise<void> {
    if (!(await this.#say(out, contents))) return;
    const { store } = this.#scope;
    const peeked = await commitUntilWritten(this.#scope, () =>
      store.commit(
        () => {
          store.journal.settle(out.row.id, "delivered");
          return this.#next.peek();
        },
        this.#next.isThere ? BUSY_SETTLE_MS : SETTLE_MS,
      ),
    );
    this.#next.keep(peeked);
    this.#outcomes.arrived(out.row);
  }

  /** False: the row is settled otherwise, or left to the next run. */
  async #say(out: OutgoingRow, contents: readonly OutgoingContent[]): Promise<boolean> {
    const { members } = this.#scope;
    for (const [index, content] of contents.entries()) {
      const delivery = await out.say(content);
      if (delivery === undefined) return false;
      if (delivery.state === "delivered") continue;
      const sentence = index === 0 ? notDelivered(delivery, members.name()) : partlyDelivered(members.name());
      const { state, error } = delivery;
      await commitUntilWritten(this.#scope, () => this.#outcomes.undelivered(out.row, state, error.code, sentence));
      return false;
    }
    return true;
  }

  async #stay(row: OpenRow, crossing: Exclude<Crossing, { contents: unknown }>): Promise<void> {
    const { id, roomId } = row;
    const { store, room } = this.#scope;
    const { journal } = store;
    switch (crossing.type) {
      case "ignore":
        journal.settle(id, "skipped");
        return;
      case "redaction":
        // It came while what was said with the file was being sent.
        if (!this.#files.cancel(id, crossing.eventId)) this.#cannotTakeBack(id, crossing.eventId);
        return;
      case "refuse":
        // In one commit, or what was not said would count as said.
        store.batch(() => {
          if (crossing.once === undefined || room.isFirst(crossing.once))
            this.#outcomes.undelivered(row, "failed", "unsupported", crossing.sentence);
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
    const { store, portalId, room, calendar } = this.#scope;
    const { journal } = store;
    const row = journal.findByEventId(target);
    const isSent = row?.portalId === portalId && (row.state === "delivered" || row.state === "uncertain");
    store.batch(() => {
      journal.settle(id, "skipped", "too late");
      if (isSent && room.isFirst(`not taken back ${day(calendar.now())}`)) room.say(NOT_TAKEN_BACK);
    });
  }
}

/** What is to be sent of files of which some have arrived. */
function fileAfter(file: FileToSend, count: number): FileToSend {
  return count > 0 && file.next !== undefined ? fileAfter(file.next, count - 1) : file;
}
