import type { Journal } from "../store/journal.ts";
import { changeOf, corrected } from "./to-msn.ts";

export interface CorrectionsOptions {
  readonly portalId: number;
  readonly journal: Journal;
  /** Does work on the disk in one commit. */
  readonly batch: (work: () => void) => void;
}

/** A row has been changed or taken back since it was read. */
export class Stale extends Error {
  override readonly name = "Stale";
}

/** What people do to messages that still wait: those are truly changed, or dropped, and the contact sees no trace of it. */
export class Corrections {
  readonly #options: CorrectionsOptions;
  /** Rows that have changed since they were read. */
  readonly #stale = new Set<number>();

  constructor(options: CorrectionsOptions) {
    this.#options = options;
  }

  /** Applies the event of a row to the message that it is about, if that still waits. False: it does not. */
  apply(rowId: number): boolean {
    const { journal, portalId, batch } = this.#options;
    const event = journal.body(rowId);
    const change = changeOf(event);
    const target = change && journal.findByEventId(change.eventId);
    if (change === undefined || target?.portalId !== portalId || target.state !== "accepted") return false;
    batch(() => {
      if (change.type === "redaction") journal.settle(target.id, "skipped", "taken back");
      else journal.rewrite(target.id, corrected(journal.body(target.id), event));
      journal.settle(rowId, "skipped", "applied");
    });
    this.#stale.add(target.id);
    return true;
  }

  /** What the row holds now; it is the only one whose changes matter from here on. */
  read(rowId: number): unknown {
    this.#stale.clear();
    return this.#options.journal.body(rowId);
  }

  /** To be called before the first byte is written. @throws Stale when what was read is not what is wanted any more */
  check(rowId: number): void {
    if (this.#stale.has(rowId)) throw new Stale();
  }
}
