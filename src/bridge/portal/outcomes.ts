import type { RowOutcomes, SentRow } from "../files/transfer-host.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import { Receipts } from "./receipts.ts";

/** Writes down what became of messages to MSN, and shows their sender: a receipt, or one reply. */
export class Outcomes implements RowOutcomes {
  readonly #scope: PortalScope;
  readonly #receipts: Receipts;

  constructor(scope: PortalScope) {
    this.#scope = scope;
    this.#receipts = new Receipts(scope.members.mainIntent, scope);
  }

  /** What a row held has arrived. */
  delivered(row: SentRow): void {
    this.#scope.store.journal.settle(row.id, "delivered");
    this.arrived(row);
  }

  /** It is written down that what a row held has arrived. */
  arrived({ roomId, eventId }: SentRow): void {
    const { settings } = this.#scope;
    if (roomId !== null && eventId !== null && settings.deliveryReceipts) this.#receipts.add(roomId, eventId);
  }

  /** What a row held has not arrived, or may not have; its sender is told why. */
  undelivered({ id, eventId }: SentRow, state: "failed" | "uncertain", reason: string, sentence: string): void {
    const { store, refusals } = this.#scope;
    // In one commit, so that no crash comes between what became of it and saying so.
    store.batch(() => {
      // False: they have taken it back meanwhile, so that it is no matter to them any more.
      if (!store.journal.settle(id, state, reason)) return;
      const isUncertain = state === "uncertain";
      const why = isUncertain ? `perhaps ${reason}` : reason;
      refusals.tell({ kind: "to-msn", reason: why, sentence, row: { id, eventId }, isUncertain });
    });
  }

  async stop(): Promise<void> {
    await this.#receipts.stop();
  }
}
