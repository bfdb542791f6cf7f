import { later } from "../../util/clock.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { SessionEvent } from "../session/session.ts";
import { notKept } from "../words/outages.ts";

/** Takes an event again; it may be held once more. */
export interface EventTaker {
  onEvent(event: SessionEvent): void;
  /** Resolves once all that was taken is written, or is held again. */
  written(): Promise<void>;
}

// More than the buffers of a few connections hold, since nothing is read while the disk is full.
const LIMIT = 1000;
const RETRY_MS = 5000;

/**
 * What was said while it could not be written down, because the disk is full: it waits in memory, in order. What is too
 * much even for that is counted, and told as soon as the disk takes a notice.
 */
export class UnstoredEvents {
  readonly #scope: LoginScope;
  readonly #taker: EventTaker;
  readonly #events: SessionEvent[] = [];
  /** How many messages were lost, by who said them. */
  readonly #lost = new Map<string, number>();
  #isRetrying = false;

  constructor(scope: LoginScope, taker: EventTaker) {
    this.#scope = scope;
    this.#taker = taker;
  }

  /** Whether nothing waits; what comes while something does has to wait behind it. */
  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  add(event: SessionEvent): void {
    if (this.#events.length < LIMIT) this.#events.push(event);
    else this.#lose(event);
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
  async flush(): Promise<boolean> {
    await this.#taker.written();
    this.#takeAll();
    await this.#taker.written();
    for (const event of this.#events.splice(0)) this.#lose(event);
    this.#tellLost();
    return this.#lost.size === 0;
  }

  #retryLater(): void {
    const { clock, signal } = this.#scope;
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    later(clock, RETRY_MS, signal, () => {
      this.#isRetrying = false;
      this.retry();
      if (this.#events.length > 0 || this.#lost.size > 0) this.#retryLater();
    });
  }

  #takeAll(): void {
    for (const event of this.#events.splice(0)) this.#taker.onEvent(event);
  }

  // What is no message is not counted.
  #lose(event: SessionEvent): void {
    if (event.type !== "content") return;
    if (this.#lost.size === 0)
      this.#scope.log.fatal("A message from MSN was lost, because too many wait for the disk.");
    this.#lost.set(event.account, (this.#lost.get(event.account) ?? 0) + 1);
  }

  #tellLost(): void {
    if (this.#lost.size === 0) return;
    const { log, notices, row, names } = this.#scope;
    const count = [...this.#lost.values()].reduce((sum, each) => sum + each, 0);
    try {
      notices.tell(
        row.owner,
        notKept(this.#lost, (contact) => names.nameOf(contact)),
      );
      log.fatal({ count }, "Messages from MSN were lost; their user is told.");
      this.#lost.clear();
    } catch (error) {
      log.fatal({ error, count }, "Messages from MSN were lost, and their user cannot be told yet.");
    }
  }
}
