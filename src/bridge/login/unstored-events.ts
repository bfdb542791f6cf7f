import { later, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";

export interface UnstoredEventsOptions<T> {
  /** Takes an item again; it may be held once more. */
  readonly take: (item: T) => void;
  /** Who has said it; undefined for what is no message. */
  readonly from: (item: T) => string | undefined;
  /** Promises to tell how many messages of whom could not be kept. Throws when the disk does not take that either. */
  readonly tellLost: (lost: ReadonlyMap<string, number>) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// More than the buffers of a few connections hold, since nothing is read while the disk is full.
const LIMIT = 1000;
const RETRY_MS = 5000;

/**
 * What was said while it could not be written down, because the disk is full: it waits in memory, in order. What is too
 * much even for that is counted, and told as soon as the disk takes a notice.
 */
export class UnstoredEvents<T> {
  readonly #options: UnstoredEventsOptions<T>;
  readonly #items: T[] = [];
  /** How many messages were lost, by who said them. */
  readonly #lost = new Map<string, number>();
  #isRetrying = false;

  constructor(options: UnstoredEventsOptions<T>) {
    this.#options = options;
  }

  /** Whether something waits, so that what comes now must wait behind it. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  add(item: T): void {
    if (this.#items.length < LIMIT) this.#items.push(item);
    else this.#lose(item);
    this.#retryLater();
  }

  /** Takes what waits, and tells what was lost, since the disk may have room again. */
  retry(): void {
    this.#takeAll();
    this.#tellLost();
  }

  /**
   * Takes what waits, if the disk is there now: the last chance before the end.
   * @returns false when something was lost and could not be told
   */
  flush(): boolean {
    this.#takeAll();
    for (const item of this.#items.splice(0)) this.#lose(item);
    this.#tellLost();
    return this.#lost.size === 0;
  }

  #retryLater(): void {
    const { clock, signal } = this.#options;
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    later(clock, RETRY_MS, signal, () => {
      this.#isRetrying = false;
      this.retry();
      if (this.#items.length > 0 || this.#lost.size > 0) this.#retryLater();
    });
  }

  #takeAll(): void {
    for (const item of this.#items.splice(0)) this.#options.take(item);
  }

  #lose(item: T): void {
    const from = this.#options.from(item);
    if (from === undefined) return;
    if (this.#lost.size === 0)
      this.#options.log.fatal("A message from MSN was lost, because too many wait for the disk.");
    this.#lost.set(from, (this.#lost.get(from) ?? 0) + 1);
  }

  #tellLost(): void {
    if (this.#lost.size === 0) return;
    const count = [...this.#lost.values()].reduce((sum, each) => sum + each, 0);
    try {
      this.#options.tellLost(this.#lost);
      this.#options.log.fatal({ count }, "Messages from MSN were lost; their user is told.");
      this.#lost.clear();
    } catch (error) {
      this.#options.log.fatal({ error, count }, "Messages from MSN were lost, and their user cannot be told yet.");
    }
  }
}
