import type { Clock } from "../../util/clock.ts";
import { RateLimit } from "../../util/rate-limit.ts";

const HOUR_MS = 60 * 60_000;

/** Gathers what is told again and again: the first time counts for an hour. */
export class OnceAnHour {
  readonly #clock: Clock;
  readonly #rate: RateLimit;
  /** When something was told; oldest first. */
  readonly #told = new Map<string, number>();

  /** @param most how many different things are told in an hour: strangers choose what they are */
  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#rate = new RateLimit(clock, { burst: most, everyMs: HOUR_MS / most, isStrict: true });
  }

  /**
   * Tells something unless it was told within the hour. It does not count as told when that throws.
   * @returns false when it was not told because too much was
   */
  tell(what: string, tell: () => void): boolean {
    const now = this.#clock.now();
    this.#forgetOld(now);
    if (this.#told.has(what)) return true;
    if (this.#rate.wait() > 0) return false;
    tell();
    this.#rate.count();
    this.#told.set(what, now);
    return true;
  }

  #forgetOld(now: number): void {
    for (const [what, time] of this.#told) {
      if (now - time < HOUR_MS) return;
      this.#told.delete(what);
    }
  }
}
