import type { Clock } from "../../util/clock.ts";

const DAY_MS = 24 * 60 * 60_000;
// Who is forgotten begins with a new day; contacts are far fewer.
const MOST_CONTACTS = 10_000;

interface Day {
  readonly began: number;
  bytes: number;
}

/** How much each contact has sent in the last day without the owner having been asked. */
export class FileBudget {
  readonly #clock: Clock;
  readonly #most: number;
  /** Oldest first. */
  readonly #days = new Map<string, Day>();

  /** @param most bytes that a contact may send in a day */
  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Whether a file is within what its sender may send; if so, it counts. */
  take(contact: string, bytes: number): boolean {
    const day = this.#dayOf(contact);
    if (day.bytes + bytes > this.#most) return false;
    day.bytes += bytes;
    return true;
  }

  #dayOf(contact: string): Day {
    const now = this.#clock.now();
    for (const [key, { began }] of this.#days) {
      if (now - began < DAY_MS && this.#days.size < MOST_CONTACTS) break;
      this.#days.delete(key);
    }
    const day = this.#days.get(contact) ?? { began: now, bytes: 0 };
    this.#days.set(contact, day);
    return day;
  }
}
