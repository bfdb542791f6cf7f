import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Timer } from "../../util/clock.ts";
import { JournalWorker, type Job } from "../base/journal-worker.ts";
import type { WaitScope } from "../base/retry.ts";

// How long after a receipt the next one follows at the earliest: whoever writes a lot sees the newest.
const PACE_MS = 1000;

interface Receipt {
  readonly roomId: string;
  readonly eventId: string;
}

/**
 * Says "delivered" with the read receipt of the user who keeps the room: at once, and of a burst then only the newest, since
 * a receipt counts for everything before it.
 */
export class Receipts implements Job<Receipt> {
  readonly name = "read receipts";
  readonly #mainIntent: UserIntent;
  readonly #scope: WaitScope;
  readonly #worker: JournalWorker<Receipt>;
  /** The newest event without a receipt. */
  #newest: Receipt | undefined;
  /** Runs while there was a receipt a moment ago. */
  #pause: Timer | undefined;

  constructor(mainIntent: UserIntent, scope: WaitScope) {
    this.#mainIntent = mainIntent;
    this.#scope = scope;
    this.#worker = new JournalWorker(scope, this);
  }

  add(roomId: string, eventId: string): void {
    this.#newest = { roomId, eventId };
    if (this.#pause === undefined) this.#worker.wake();
  }

  /** Gives the receipt that is due; whoever waits for one is not left without. */
  async stop(): Promise<void> {
    this.#pause?.cancel();
    await this.#worker.stop();
    const last = this.#newest;
    if (last !== undefined) await this.work(last).catch((error: unknown) => this.giveUp(last, error));
    this.#pause?.cancel();
  }

  next(): Receipt | undefined {
    return this.#pause === undefined ? this.#newest : undefined;
  }

  async work(receipt: Receipt): Promise<void> {
    await this.#mainIntent.readReceipt(receipt.roomId, receipt.eventId);
    this.#forget(receipt);
    this.#pause = this.#scope.clock.after(PACE_MS, () => {
      this.#pause = undefined;
      if (this.#newest !== undefined) this.#worker.wake();
    });
  }

  giveUp(receipt: Receipt, error: unknown): boolean {
    this.#scope.log.debug({ error }, "a receipt was not sent");
    this.#forget(receipt);
    return false;
  }

  // A newer one has come meanwhile, or this was the last.
  #forget(receipt: Receipt): void {
    if (this.#newest === receipt) this.#newest = undefined;
  }
}
