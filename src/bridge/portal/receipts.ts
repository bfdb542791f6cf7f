import type { UserIntent } from "../../matrix/client/intent.ts";
import { JournalWorker, type Job } from "../base/journal-worker.ts";
import type { WaitScope } from "../base/retry.ts";

interface Receipt {
  readonly roomId: string;
  readonly eventId: string;
}

/** Says "delivered" with the read receipt of the user who keeps the room. */
export class Receipts implements Job<Receipt> {
  readonly name = "read receipts";
  readonly #mainIntent: UserIntent;
  readonly #log: WaitScope["log"];
  readonly #worker: JournalWorker<Receipt>;
  /** The newest event without a receipt; a receipt counts for everything before it too. */
  #newest: Receipt | undefined;

  constructor(mainIntent: UserIntent, scope: WaitScope) {
    this.#mainIntent = mainIntent;
    this.#log = scope.log;
    this.#worker = new JournalWorker(scope, this);
  }

  add(roomId: string, eventId: string): void {
    this.#newest = { roomId, eventId };
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  next(): Receipt | undefined {
    return this.#newest;
  }

  async work(receipt: Receipt): Promise<void> {
    await this.#mainIntent.readReceipt(receipt.roomId, receipt.eventId);
    this.#forget(receipt);
  }

  giveUp(receipt: Receipt, error: unknown): boolean {
    this.#log.debug({ error }, "a receipt was not sent");
    this.#forget(receipt);
    return false;
  }

  // A newer one has come meanwhile, or this was the last.
  #forget(receipt: Receipt): void {
    if (this.#newest === receipt) this.#newest = undefined;
  }
}
