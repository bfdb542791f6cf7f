import type { OpenRow } from "../../store/journal-row.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import type { SentRows } from "./sent-rows.ts";

// How long it may take until it is written down that rows are read, so that many are written with one commit. Nobody waits for
// it while only a few are sent.
const SETTLE_MS = 10;
const FEW = 10;

/** Goes on with what waits for rows to be settled. */
export interface ReadRowsListener {
  wake(): void;
}

/** Settles the rows of a portal that are known to be read, while others are being sent. */
export class ReadRows {
  readonly #scope: Pick<PortalScope, "store" | "log" | "portalId">;
  readonly #sent: SentRows;
  readonly #listener: ReadRowsListener;
  readonly #settling = new Set<Promise<void>>();
  /** They could not be settled last time, so that whoever settles them has to wait for it. */
  #hasFailed = false;

  constructor(scope: Pick<PortalScope, "store" | "log" | "portalId">, sent: SentRows, listener: ReadRowsListener) {
    this.#scope = scope;
    this.#sent = sent;
    this.#listener = listener;
  }

  /** Begins to settle them. @throws what the disk throws, where it did not take them last time either */
  async settle(): Promise<void> {
    if (this.#hasFailed) return this.settleNow();
    const { read, size } = this.#sent;
    if (read.length === 0) return;
    this.#sent.settling(read, true);
    const settling = this.#write(read, size > FEW ? 0 : SETTLE_MS)
      .catch((error: unknown) => {
        this.#scope.log.debug({ error, portal: this.#scope.portalId }, "what is read could not be written down");
        this.#sent.settling(read, false);
        this.#hasFailed = true;
      })
      .finally(() => {
        this.#settling.delete(settling);
        this.#listener.wake();
      });
    this.#settling.add(settling);
  }

  /** Settles them, with those that are being settled. @throws what the disk throws */
  async settleNow(): Promise<void> {
    await Promise.all(this.#settling);
    const { read } = this.#sent;
    if (read.length > 0) await this.#write(read);
    this.#hasFailed = false;
  }

  async #write(rows: readonly OpenRow[], withinMs = 0): Promise<void> {
    const { journal } = this.#scope.store;
    await this.#scope.store.commit(() => {
      for (const { id } of rows) journal.settle(id, "delivered");
    }, withinMs);
    this.#sent.remove(rows);
  }
}
