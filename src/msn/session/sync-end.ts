import type { Clock, Timer } from "../../util/clock.ts";
import type { PongListener } from "./keepalive.ts";

// docs/msnp.md 3.2: how long after the last line of the lists their end is taken for granted.
const SILENCE_MS = 5000;

/**
 * Finds the end of the lists, which carry no mark. Commands are answered in order, so the answer to a PNG that was sent
 * right behind the request stands for it; a server that does not answer PNG has fallen silent.
 */
export class SyncEnd implements PongListener {
  /** What is waited for, on the clock of the connection. */
  #waiting: { clock: Clock; timer: Timer; resolve: () => void } | undefined;
  #isFound = false;

  /** Resolves once the end has been found, or when no line has come for a while. */
  async wait(clock: Clock): Promise<void> {
    // With no contacts and a quick server it may have come with the answer.
    if (this.#isFound) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { clock, timer: clock.after(SILENCE_MS, resolve), resolve };
    await promise;
    this.onPong();
  }

  /** A line of the lists has come. */
  line(): void {
    if (this.#waiting === undefined) return;
    const { clock, timer, resolve } = this.#waiting;
    timer.cancel();
    this.#waiting = { clock, timer: clock.after(SILENCE_MS, resolve), resolve };
  }

  /** The lists have ended, or the session has. */
  onPong(): void {
    this.#isFound = true;
    this.#waiting?.timer.cancel();
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
