import type { Clock, Timer } from "../../util/clock.ts";

// docs/msnp.md 3.2: how long after the last line of the lists their end is taken for granted.
const SILENCE_MS = 5000;

/**
 * Finds the end of the lists, which carry no mark. Commands are answered in order, so the answer to a PNG that was sent
 * right behind the request stands for it; a server that does not answer PNG has fallen silent.
 */
export class SyncEnd {
  readonly #clock: Clock;
  #waiting: { timer: Timer; resolve: () => void } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves at `found`, or when no line has come for a while. */
  async wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { timer: this.#clock.after(SILENCE_MS, resolve), resolve };
    await promise;
    this.found();
  }

  /** A line of the lists has come. */
  line(): void {
    if (this.#waiting === undefined) return;
    const { timer, resolve } = this.#waiting;
    timer.cancel();
    this.#waiting = { timer: this.#clock.after(SILENCE_MS, resolve), resolve };
  }

  /** The lists have ended, or the session has. */
  found(): void {
    this.#waiting?.timer.cancel();
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
