import { editedEvent } from "../../convert/event-edits.ts";
import type { MatrixEvent } from "../../convert/matrix-event.ts";
import { toMsn } from "../../convert/to-msn.ts";
import { isDiskError } from "../../store/errors.ts";
import type { AcceptedEvent } from "../base/accepted-event.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import { OutgoingRow, type Peeked } from "./outgoing-row.ts";
import type { PendingEdits } from "./pending-edits.ts";
import type { References } from "./references.ts";

/**
 * The row that goes to MSN next. What is known of it before its turn, because it was just accepted or the one before it has
 * just arrived, need not be read again; and where it can go out at once, since nothing has to be asked for it and the contact
 * is there, the commit in which that was seen has marked it.
 */
export class NextRow {
  readonly #scope: PortalScope;
  readonly #pendingEdits: PendingEdits;
  readonly #references: References;
  /** The row after the one that was settled last, as it was read then. */
  #peeked: OutgoingRow | undefined;
  /** Whether there is one, as far as that is known. */
  #isThere = false;
  /** What was marked with the commit that accepted it. That may not have been made, so the row on disk has to say so too. */
  #prepared: { readonly rowId: number; readonly peeked: Peeked } | undefined;

  constructor(scope: PortalScope, pendingEdits: PendingEdits, references: References) {
    this.#scope = scope;
    this.#pendingEdits = pendingEdits;
    this.#references = references;
  }

  /** Whether others are known to wait behind the row that is on its way. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** A row was accepted behind others. */
  expect(): void {
    this.#isThere = true;
  }

  /** The oldest open row. @throws what the disk throws */
  take(): OutgoingRow | undefined {
    const { store, portalId } = this.#scope;
    const [peeked, prepared] = [this.#peeked, this.#prepared];
    this.#peeked = this.#prepared = undefined;
    if (peeked !== undefined) return peeked;
    const row = store.journal.next("to-msn", portalId);
    if (row === undefined) return undefined;
    const isPrepared = row.id === prepared?.rowId && row.state === "sending";
    if (isPrepared) this.#pendingEdits.begin();
    return new OutgoingRow(this.#scope, this.#pendingEdits, row, isPrepared ? prepared.peeked : undefined);
  }

  /** An event was accepted, before which nothing waits, and whose room has nothing more in this commit. */
  prepare({ rowId, event }: AcceptedEvent): void {
    const { store, session, members, signal } = this.#scope;
    if (signal.aborted || this.#pendingEdits.isStale(rowId) || !session.isReached(members)) return;
    const peeked = this.#readAhead(() => editedEvent(event));
    if (peeked?.contents === undefined) return;
    store.journal.markSending(rowId);
    this.#prepared = { rowId, peeked };
  }

  /** Reads the row after one that is settled in the same commit: to be given to `keep` once that is on disk. */
  peek(): OutgoingRow | undefined {
    const { store, portalId, signal } = this.#scope;
    const row = signal.aborted ? undefined : store.journal.next("to-msn", portalId);
    if (row?.state !== "accepted") return undefined;
    const peeked = this.#readAhead(() => this.#pendingEdits.read(row));
    if (peeked === undefined) return undefined;
    if (peeked.contents !== undefined) store.journal.markSending(row.id);
    return new OutgoingRow(this.#scope, this.#pendingEdits, row, peeked);
  }

  keep(peeked: OutgoingRow | undefined): void {
    this.#peeked = peeked;
    this.#isThere = peeked !== undefined;
  }

  /** Its turn does not come in this run: what was marked is not any more. */
  leave(): void {
    if (this.#peeked === undefined && this.#prepared === undefined) return;
    const left = this.take();
    if (left?.peeked?.contents !== undefined) left.unmark();
  }

  /** What an event says, as far as that needs nothing from the homeserver. */
  #readAhead(read: () => MatrixEvent): Peeked | undefined {
    const { portalId, settings, log } = this.#scope;
    try {
      const event = read();
      if (event.kind !== "message" || this.#references.isNeededFor(event)) return { event };
      const crossing = toMsn(event, settings.messages);
      const isPlain = crossing.type === "send" && crossing.contents.length > 0;
      return isPlain ? { event, contents: crossing.contents } : { event };
    } catch (error) {
      // What is wrong with a row is told in its turn, and must not keep others from being written.
      if (isDiskError(error)) throw error;
      log.debug({ error, portal: portalId }, "the next message cannot be read ahead");
      return undefined;
    }
  }
}
