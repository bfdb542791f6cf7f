import type { MatrixEvent } from "../../convert/matrix-event.ts";
import type { Delivery, OutgoingContent, WriteListener } from "../../msn/index.ts";
import { isDiskError } from "../../store/errors.ts";
import type { OpenRow } from "../../store/journal-row.ts";
import { onAbort } from "../../util/on-abort.ts";
import { nextTurn } from "../../util/next-turn.ts";
import type { PortalScope } from "../room/portal-scope.ts";

/** Asked before the first byte goes out. */
export interface Check {
  /** @throws what ends the saying, with nothing written */
  check(rowId: number): void;
}

/** What is known without asking the homeserver of a row that is the next to go out. */
export interface Peeked {
  readonly event: MatrixEvent;
  /** What it says, where that needs nothing else; it is marked then. */
  readonly contents?: readonly OutgoingContent[];
}

/** A row on its way to MSN: what has been written down of it, and whether bytes of it may have gone out. */
export class OutgoingRow implements WriteListener {
  readonly row: OpenRow;
  readonly peeked: Peeked | undefined;
  readonly #scope: PortalScope;
  readonly #stale: Check;
  #isMarked: boolean;
  #isWritten = false;

  /** @param peeked read when the row before was settled; where it has contents, the same commit has marked this row */
  constructor(scope: PortalScope, stale: Check, row: OpenRow, peeked?: Peeked) {
    this.#scope = scope;
    this.#stale = stale;
    this.row = row;
    this.peeked = peeked;
    this.#isMarked = peeked?.contents !== undefined;
  }

  /** Whether the bridge stops and nothing of the row has been written, so that the next run sends it. */
  get isLeft(): boolean {
    return this.#scope.signal.aborted && !this.#isWritten;
  }

  /** Says one part of what the row holds. Undefined: the row is left to the next run. */
  async say(content: OutgoingContent): Promise<Delivery | undefined> {
    const { session, members, signal, calendar } = this.#scope;
    const saying = session.say(members, content, calendar.momentOf(this.row.created), this);
    const stopped = Promise.withResolvers<undefined>();
    const leave = (): void => {
      if (this.isLeft) stopped.resolve(undefined);
    };
    const stopWaiting = onAbort(signal, leave);
    leave();
    try {
      if (this.#isMarked && !this.#isWritten) await this.#unmarkUnlessWritten(saying);
      const delivery = await Promise.race([saying, stopped.promise]);
      return this.isLeft ? undefined : delivery;
    } catch (error) {
      if (this.isLeft) return undefined;
      throw error;
    } finally {
      stopWaiting();
      // Given up: it ends with the session, and what it says then is of no use.
      saying.catch(() => undefined);
    }
  }

  /** Nothing of the row will be written for now: a crash must not make it uncertain. */
  unmark(): void {
    if (!this.#isMarked || this.#isWritten) return;
    const { store, log } = this.#scope;
    try {
      store.journal.unmarkSending(this.row.id);
      this.#isMarked = false;
    } catch (error) {
      // It stays marked, and goes out as such: only a crash before that would make it uncertain.
      if (!isDiskError(error)) throw error;
      log.warn({ error, row: this.row.id }, "the disk does not take that a message has not been sent yet");
    }
  }

  /** To be called before the first byte of each part is written. */
  onWrite(): void {
    // What was begun is finished: half of it would be worse than none.
    if (!this.#isWritten) this.#scope.signal.throwIfAborted();
    if (!this.#isMarked) {
      this.#stale.check(this.row.id);
      // Once is enough, and the disk may not take it a second time.
      this.#scope.store.journal.markSending(this.row.id);
      this.#isMarked = true;
    }
    this.#isWritten = true;
  }

  // A switchboard with the contact on it is written to within this turn. Anything else may take minutes.
  async #unmarkUnlessWritten(saying: Promise<Delivery>): Promise<void> {
    await Promise.race([saying.catch(() => undefined), nextTurn()]);
    this.unmark();
  }
}
