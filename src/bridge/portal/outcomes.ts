import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Journal } from "../../store/journal.ts";
import type { JournalRow } from "../../store/journal-row.ts";
import type { Settings } from "../base/settings.ts";
import type { WaitScope } from "../base/retry.ts";
import { Receipts } from "./receipts.ts";

export interface OutcomesOptions extends WaitScope {
  readonly journal: Journal;
  readonly ghost: UserIntent;
  /** Does work on the disk in one commit. */
  readonly batch: (work: () => void) => void;
  /** Answers an event in the room. */
  readonly answer: (eventId: string | null, sentence: string) => void;
  readonly settings: Settings;
}

/** What has to be known of a row to tell its sender what became of it. */
type Sent = Pick<JournalRow, "id" | "roomId" | "eventId">;

/** Writes down what became of messages to MSN, and shows their sender: a receipt, or one reply. */
export class Outcomes {
  readonly #options: OutcomesOptions;
  readonly #receipts: Receipts;

  constructor(options: OutcomesOptions) {
    this.#options = options;
    this.#receipts = new Receipts(options.ghost, options);
  }

  /** What a row held has arrived. */
  delivered({ id, roomId, eventId }: Sent): void {
    const { journal, settings } = this.#options;
    journal.settle(id, "delivered");
    if (roomId !== null && eventId !== null && settings.deliveryReceipts) this.#receipts.add(roomId, eventId);
  }

  /** What a row held has not arrived, or may not have; its sender is told why. */
  undelivered({ id, eventId }: Sent, state: "failed" | "uncertain", reason: string, sentence: string): void {
    const { journal, answer, batch } = this.#options;
    // In one commit, so that no crash comes between what became of it and saying so.
    batch(() => {
      // False: they have taken it back meanwhile, so that it is no matter to them any more.
      if (journal.settle(id, state, reason)) answer(eventId, sentence);
    });
  }

  async stop(): Promise<void> {
    await this.#receipts.stop();
  }
}
