import { UNDER_WAY } from "../../store/transfers.ts";
import type { EventOf } from "../../convert/matrix-event.ts";
import { bareKey } from "../../convert/text/relations.ts";
import type { FileToSend } from "../../convert/to-msn.ts";
import type { AcceptedEvent } from "../base/accepted-event.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { ACCEPT_KEY, CANCEL_KEY, aboutIncoming, aboutOutgoing } from "../words/files.ts";
import { IncomingFile, type FileOffer } from "./incoming-file.ts";
import { NoticeIndex } from "./notice-index.ts";
import { OutgoingFile, type PendingFile } from "./outgoing-file.ts";
import type { FileRow, RowOutcomes, TransferHost } from "./transfer-host.ts";

/** The portal, as its files see it. */
export interface FilesPortal {
  /** Takes an event of the owner again that had to wait for a notice. */
  deliver(accepted: AcceptedEvent): void;
  /** Says something in the room, once in the life of the room. */
  explain(what: string, sentence: string): void;
}

// As many as a contact may offer at once. One that they have withdrawn counts until the owner has been told, which may
// take long while the homeserver is slow.
const MAX_INCOMING = 20;
// Of a stranger, as long as nobody has come to the room; each is a notice that changes.
const OF_STRANGERS = { burst: 3, everyMs: 10 * 60_000 };
// A contact can offer a file and take it back at once: how often the owner is asked.
const QUESTIONS = { burst: 40, everyMs: 30_000 };

/**
 * The files of a portal that are under way, in both directions. A transfer may take an hour, so it leaves the queue of
 * the deliveries: messages overtake it, and up to ten files of a login go each way at once.
 *
 * From MSN (`IncomingFile`):
 *
 * ```
 *   offered ──► asked ──► waiting for its turn ──► fetched ──► shown
 *      │    └──────────────────▲  │                   │
 *      ▼          ▼               ▼                   ▼
 *   declined   declined         failed         failed, cancelled
 * ```
 *
 * To MSN (`OutgoingFile`), file by file where a message holds several:
 *
 * ```
 *   under way ──► inspected ──► offered ──► delivered ──► the next file, or delivered as a whole
 *       │             │            ├─► refused ──► a link sent ──▲
 *       ▼             ▼            ▼       ▼
 *     failed, cancelled by the owner, or taken back with its message
 * ```
 *
 * On disk:
 *
 * - Each file under way has a row in the table `transfer`. Its bytes are never on our disk.
 * - A message with a file is `uncertain` for the reason `UNDER_WAY` from the moment it leaves the queue, and is settled
 *   once more at the end. How many parts of it have arrived is in `journal_part`, so that a retry goes on after those.
 * - How a transfer ended, what the owner is told about it, and the end of its row are one commit. A file from MSN becomes
 *   a journal row in that commit, before the contact is told that it arrived.
 * - What was under way when the bridge stopped is found in `transfer` by the next run, which tells the owner.
 *
 * The notices in between (`EditableNotice`) are a courtesy: nothing of them is on disk.
 *
 * What must never happen:
 *
 * - A contact is told that a file arrived, and it is neither shown nor known to be cut off.
 * - A file is offered again without the owner having asked for it.
 * - A transfer ends and the owner, unless it was their own doing, is not told.
 * - A reaction that answers a notice goes to the contact as text.
 */
export class PortalFiles implements TransferHost {
  readonly notices = new NoticeIndex();
  readonly outcomes: RowOutcomes;
  readonly #scope: PortalScope;
  readonly #portal: FilesPortal;
  readonly #transfers = new Set<IncomingFile | OutgoingFile>();
  readonly #running = new Set<Promise<void>>();
  readonly #strangers: RateLimit;
  readonly #questions: RateLimit;
  #isStopped = false;

  constructor(scope: PortalScope, portal: FilesPortal, outcomes: RowOutcomes) {
    this.#scope = scope;
    this.#portal = portal;
    this.outcomes = outcomes;
    this.#strangers = new RateLimit(scope.clock, OF_STRANGERS);
    this.#questions = new RateLimit(scope.clock, QUESTIONS);
  }

  get isStopping(): boolean {
    return this.#isStopped || this.#scope.signal.aborted;
  }

  mayAsk(): boolean {
    return this.#questions.take();
  }

  /** A contact offers a file. */
  offered(offer: FileOffer): void {
    const incoming = [...this.#transfers].filter((transfer) => transfer instanceof IncomingFile);
    const isStranger = this.#scope.room.row.standing === "stranger";
    if (this.#isStopped || incoming.length >= MAX_INCOMING || (isStranger && !this.#strangers.take())) {
      offer.decline("FAIL");
      if (isStranger)
        this.#portal.explain("too-many-files", aboutIncoming.tooMany(this.#scope.members.name(offer.contact)));
    } else this.#start(new IncomingFile(this.#scope, this, offer));
  }

  /** The owner sends a file: its row is uncertain from now on, and settled at the end. @throws what the disk throws */
  send(row: FileRow, file: FileToSend): void {
    const { store, portalId } = this.#scope;
    let transferId = 0;
    store.batch(() => {
      store.journal.settle(row.id, "uncertain", UNDER_WAY);
      transferId = store.transfers.add({ portalId, rowId: row.id, name: file.name });
    });
    this.#sendPending({ row, file, transferId });
  }

  /** Does what an event of the owner asks about a file under way. False: it is about none. */
  take(accepted: AcceptedEvent): boolean {
    const { rowId, event } = accepted;
    if (event.kind === "redaction") return this.cancel(rowId, event.target);
    return event.kind === "reaction" && this.#react(accepted, event);
  }

  /** Settles a row that deletes a message whose file is on its way to MSN, and cancels that. False: there is none. */
  cancel(rowId: number, eventId: string): boolean {
    const { journal } = this.#scope.store;
    for (const transfer of this.#transfers) {
      if (!(transfer instanceof OutgoingFile) || transfer.eventId !== eventId) continue;
      journal.settle(rowId, "skipped", "applied");
      transfer.deleted();
      return true;
    }
    return false;
  }

  /** Tells of what was under way when an earlier run of the bridge ended. */
  resume(): void {
    const { store, portalId, members, refusals } = this.#scope;
    const rows = store.transfers.list(portalId);
    if (rows.length === 0) return;
    const contact = members.name();
    store.batch(() => {
      for (const { id, rowId, name } of rows) {
        if (rowId === null)
          refusals.tell({ kind: "from-msn", reason: "cut-off", sentence: aboutIncoming.cutOff(contact, name) });
        else {
          const sentence = aboutOutgoing.cutOff(contact, name);
          this.outcomes.undelivered(store.journal.get(rowId), "failed", "interrupted", sentence);
        }
        store.transfers.delete(id);
      }
    });
  }

  /** Ends what is under way; the next run of the bridge tells of it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const transfer of this.#transfers) transfer.stop();
    await Promise.all(this.#running);
  }

  #sendPending(pending: PendingFile): void {
    this.#start(new OutgoingFile(this.#scope, this, pending));
  }

  #start(transfer: IncomingFile | OutgoingFile): void {
    const { log, portalId } = this.#scope;
    this.#transfers.add(transfer);
    const running = this.#run(transfer)
      .catch((error: unknown) => {
        log.error({ error, portal: portalId }, "a file could not be dealt with");
        transfer.stop();
      })
      .finally(() => {
        this.#transfers.delete(transfer);
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  async #run(transfer: IncomingFile | OutgoingFile): Promise<void> {
    const next = await transfer.run();
    if (next !== undefined) this.#sendPending(next);
  }

  #react(accepted: AcceptedEvent, reaction: EventOf<"reaction">): boolean {
    const key = bareKey(reaction.key);
    if (key !== ACCEPT_KEY && key !== CANCEL_KEY) return false;
    const notice = this.notices.find(reaction.target);
    if (notice !== undefined) {
      this.#scope.store.journal.settle(accepted.rowId, "skipped", "about a file");
      notice.click(key);
      return true;
    }
    // The owner may be quicker than the homeserver's answer, which says which event the notice is.
    const posting = [...this.#transfers].flatMap((transfer) => transfer.notice.posting ?? []);
    if (posting.length === 0) return false;
    void this.#deliverAfter(posting, accepted);
    return true;
  }

  async #deliverAfter(posting: readonly Promise<void>[], accepted: AcceptedEvent): Promise<void> {
    await Promise.all(posting);
    try {
      const { rowId, event } = accepted;
      // Its commit has failed: the homeserver sends it again, and the row may be another event's by now.
      const isKept = this.#scope.store.journal.findByEventId(event.id)?.id === rowId;
      // It waits in the journal for the next run.
      if (!this.#isStopped && isKept) this.#portal.deliver(accepted);
    } catch (error) {
      const { log, portalId } = this.#scope;
      log.error({ error, portal: portalId }, "a reaction could not be dealt with, and waits for the next start");
    }
  }
}
