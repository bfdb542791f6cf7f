import { sleep } from "../../util/clock.ts";
import { SerialQueue } from "../../util/serial-queue.ts";
import { retry, type WaitScope } from "./retry.ts";

/** Something on the homeserver that is to be as it is on disk. */
export interface Reconciled {
  /** What bringing it up to date is, for the log. */
  readonly name: string;
  /** How long to wait for more changes before it is done, in milliseconds. */
  readonly settleMs: number;
  /** Does whatever there is to do. @throws MatrixError to be called again while the homeserver is away */
  reconcile(): Promise<void>;
}

// One pass that runs, one that will, and those that users ask for by hand.
const PASSES_WAITING = 10;
const TRIES_BY_HAND = 3;

/**
 * Brings the homeserver up to what is on disk: one pass at a time, and whatever is asked for meanwhile is one more pass.
 * Each pass finds out for itself what is to be done, so nothing is lost when one fails.
 */
export class Reconciler {
  readonly #scope: WaitScope;
  readonly #what: Reconciled;
  readonly #queue = new SerialQueue(PASSES_WAITING);
  #isWaiting = false;

  constructor(scope: WaitScope, what: Reconciled) {
    this.#scope = scope;
    this.#what = what;
  }

  /** There may be something to do. */
  wake(): void {
    const { signal, log } = this.#scope;
    if (this.#isWaiting || signal.aborted) return;
    this.#isWaiting = true;
    this.#queue
      .add(() => this.#pass())
      .catch((error: unknown) => {
        if (!signal.aborted) log.warn({ error }, `${this.#what.name} could not be done`);
      });
  }

  /**
   * Does it now, by hand, after `prepare`.
   * @throws MatrixError when the homeserver is away, and whatever the work throws
   */
  async now<T>(prepare: () => void, result: () => T): Promise<T> {
    const { clock, signal } = this.#scope;
    return this.#queue.add(async () => {
      prepare();
      await retry(() => this.#what.reconcile(), { clock, signal, tries: TRIES_BY_HAND });
      return result();
    });
  }

  /** Resolves once what is under way has ended; to be called when the signal has been aborted. */
  async stop(): Promise<void> {
    await this.#queue.idle();
  }

  async #pass(): Promise<void> {
    const { clock, signal } = this.#scope;
    const { settleMs } = this.#what;
    if (settleMs > 0) await sleep(clock, settleMs, signal);
    this.#isWaiting = false;
    if (!signal.aborted) await retry(() => this.#what.reconcile(), { clock, signal, tries: Number.POSITIVE_INFINITY });
  }
}
