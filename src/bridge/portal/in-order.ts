import { later, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";

export interface InOrderOptions {
  /** Does something with rows of the journal, oldest first, and with all of them or none. Throws what the disk throws. */
  readonly work: (rowIds: readonly number[]) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 10_000;

/** Rows of the journal that the disk does not let be worked off wait here, and what comes later does not overtake them. */
export class InOrder {
  readonly #options: InOrderOptions;
  /** Oldest first. */
  readonly #waiting: number[] = [];
  #isRetrying = false;

  constructor(options: InOrderOptions) {
    this.#options = options;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  take(rowIds: readonly number[]): void {
    const { work, log } = this.#options;
    const all = [...this.#waiting.splice(0), ...rowIds];
    try {
      work(all);
    } catch (error) {
      // The disk is full, or gone for a moment. Nothing of it has been done, and the rows are still there.
      log.fatal({ error }, "The bridge cannot write to its database, so what people write waits.");
      this.#waiting.push(...all);
      this.#retryLater();
    }
  }

  #retryLater(): void {
    const { clock, signal } = this.#options;
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    later(clock, RETRY_MS, signal, () => {
      this.#isRetrying = false;
      this.take([]);
    });
  }
}
