import { withTimeout, type Clock } from "../../util/clock.ts";
import type { SandboxSwitchboard } from "../network/switchboard.ts";

const TIME_TO_JOIN = 5000;

/** Those who were called to a switchboard and are awaited there. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #awaited = new Set<{ board: SandboxSwitchboard; to: string; here: PromiseWithResolvers<void> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves once `to` is there. @throws Error (as a rejection) when they do not come within 5 s */
  async wait(board: SandboxSwitchboard, to: string): Promise<void> {
    const arrival = { board, to: to.toLowerCase(), here: Promise.withResolvers<void>() };
    this.#awaited.add(arrival);
    try {
      const late = (): Error => new Error(`${to} did not answer the call`);
      await withTimeout(this.#clock, TIME_TO_JOIN, arrival.here.promise, late);
    } finally {
      this.#awaited.delete(arrival);
    }
  }

  arrived(board: SandboxSwitchboard, passport: string): void {
    const key = passport.toLowerCase();
    for (const awaited of this.#awaited) if (awaited.board === board && awaited.to === key) awaited.here.resolve();
  }
}
