import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { Backoff } from "../../util/backoff.ts";
import { sleep, type Clock } from "../../util/clock.ts";
import { Drain } from "../../util/drain.ts";
import type { Log } from "../../util/log.ts";

const RETRY = { first: 1000, most: 60_000 };

export interface ReceiptsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

/** Says "delivered" with the read receipt of whoever keeps the room. */
export class Receipts {
  readonly #mainIntent: UserIntent;
  readonly #options: ReceiptsOptions;
  readonly #drain: Drain;
  readonly #backoff = new Backoff(RETRY);
  /** The newest event without a receipt; a receipt counts for everything before it too. */
  #next: { roomId: string; eventId: string } | undefined;

  constructor(mainIntent: UserIntent, options: ReceiptsOptions) {
    this.#mainIntent = mainIntent;
    this.#options = options;
    this.#drain = new Drain(
      () => this.#send(),
      (error) => options.log.debug({ error }, "a receipt was not sent"),
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
    try {
      await this.#mainIntent.readReceipt(next.roomId, next.eventId);
      this.#backoff.reset();
    } catch (error) {
      if (!(error instanceof MatrixError && error.retryable)) throw error;
      // A newer one says as much.
      this.#next ??= next;
      const { clock, signal } = this.#options;
      await sleep(clock, Math.max(this.#backoff.next(), error.retryAfterMs ?? 0), signal);
    }
    return !this.#options.signal.aborted;
  }
}
