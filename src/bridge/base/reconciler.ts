import { sleep, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { SerialQueue } from "../../util/serial-queue.ts";
import { retry } from "./retry.ts";

export interface ReconcilerOptions {
  /** What it is, for the log. */
  readonly name: string;
  /** Does whatever there is to do. @throws MatrixError to be called again while the homeserver is away */
  readonly work: () => Promise<void>;
  /** How long to wait for more of the same before the work is done, in milliseconds. */
  readonly settleMs?: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// One pass that runs, one that will, and as many as anybody asks for by hand.
const PASSES_WAITING = 10;
const TRIES_BY_HAND = 3;

/**
 * Brings the homeserver up to what is on disk: one pass at a time, and whatever is asked for meanwhile is one more pass.
 * What is to be done is found out by each pass anew, so nothing is lost when one fails.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #queue = new SerialQueue(PASSES_WAITING);
  #isWaiting = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** There may be something to do. */
  wake(): void {
    const { signal, log, name } = this.#options;
    if (this.#isWaiting || signal.aborted) return;
    this.#isWaiting = true;
    this.#queue
      .add(() => this.#pass())
      .catch((error: unknown) => {
        if (!signal.aborted) log.warn({ error }, `${name} could not be done`);
      });
  }

  /**
   * Does it now, by hand, after `prepare`.
   * @throws MatrixError when the homeserver is away, and whatever the work throws
   */
  async now<T>(prepare: () => void, result: () => T): Promise<T> {
    const { work, clock, signal } = this.#options;
    return this.#queue.add(async () => {
      prepare();
      await retry(work, { clock, signal, tries: TRIES_BY_HAND });
      return result();
    });
  }

  /** Resolves once what is under way has ended; to be called when the signal has been aborted. */
  async stop(): Promise<void> {
    await this.#queue.idle();
  }

  async #pass(): Promise<void> {
    const { work, clock, signal, settleMs = 0 } = this.#options;
    if (settleMs > 0) await sleep(clock, settleMs, signal);
    this.#isWaiting = false;
    if (!signal.aborted) await retry(work, { clock, signal, tries: Number.POSITIVE_INFINITY });
  }
}
