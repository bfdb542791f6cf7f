import type { UserIntent } from "../matrix/intent.ts";
import { Drain } from "../util/drain.ts";
import type { Log } from "../util/log.ts";

/** Says "delivered" with the read receipt of whoever keeps the room. */
export class Receipts {
  readonly #keeper: UserIntent;
  readonly #drain: Drain;
  /** The newest event without a receipt; a receipt counts for everything before it too. */
  #next: { roomId: string; eventId: string } | undefined;

  constructor(keeper: UserIntent, log: Log) {
    this.#keeper = keeper;
    this.#drain = new Drain(
      () => this.#send(),
      (error) => log.debug({ error }, "a receipt was not sent"),
    );
  }

  add(roomId: string, eventId: string): void {
    this.#next = { roomId, eventId };
    this.#drain.wake();
  }

  async stop(): Promise<void> {
    await this.#drain.stop();
  }

  async #send(): Promise<boolean> {
    const next = this.#next;
    if (next === undefined) return false;
    this.#next = undefined;
    await this.#keeper.readReceipt(next.roomId, next.eventId);
    return true;
  }
}
