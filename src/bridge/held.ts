import { later, type Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";

export interface HeldOptions<T> {
  /** Takes an item again; it may be held once more. */
  readonly take: (item: T) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const LIMIT = 1000;
const RETRY_MS = 5000;

/** What was said while it could not be written down, because the disk is full: it waits in memory, in order. */
export class Held<T> {
  readonly #options: HeldOptions<T>;
  readonly #items: T[] = [];

  constructor(options: HeldOptions<T>) {
    this.#options = options;
  }

  /** Whether something waits, so that what comes now must wait behind it. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  add(item: T): void {
    const { clock, log, signal } = this.#options;
    if (this.#items.length >= LIMIT) {
      log.fatal("A message from MSN was lost, because too many wait for the disk.");
      return;
    }
    if (this.#items.push(item) === 1) later(clock, RETRY_MS, signal, () => this.#takeAll());
  }

  /** Takes what waits, if the disk is there now: the last chance before the end. */
  flush(): void {
    this.#takeAll();
    if (this.#items.length > 0)
      this.#options.log.fatal({ count: this.#items.length }, "Messages from MSN were lost at the end.");
  }

  #takeAll(): void {
    for (const item of this.#items.splice(0)) this.#options.take(item);
  }
}
