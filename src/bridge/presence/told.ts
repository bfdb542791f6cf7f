import type { GhostPresence } from "./states.ts";

/** What the homeserver was told of a ghost that is there. */
export interface Told extends GhostPresence {
  /** When, as a moment of the clock. */
  readonly at: number;
  /** The users who could see it. */
  readonly owners: readonly string[];
}

// Synapse shows what it was told for about 68 and 35 seconds (measured); a little before that it is told again.
const REFRESH_MS = { online: 45_000, unavailable: 25_000, offline: Number.POSITIVE_INFINITY };
// A clock may begin at 0 with the process.
const LONG_AGO = Number.MIN_SAFE_INTEGER;
const DECAY_MS = { online: 68_000, unavailable: 35_000, offline: 0 };

/** What the homeserver was told of each ghost, oldest first. Of those that it was told are offline nothing is kept. */
export class ToldPresences {
  readonly #told = new Map<string, Told>();

  get isEmpty(): boolean {
    return this.#told.size === 0;
  }

  get(userId: string): Told | undefined {
    return this.#told.get(userId);
  }

  /** The homeserver was told this last; undefined: that the ghost is offline. */
  set(userId: string, told: Told | undefined): void {
    this.#told.delete(userId);
    if (told !== undefined) this.#told.set(userId, told);
  }

  /** Who else can see a ghost, to whom the homeserver does not show what it was told before. */
  outdate(userId: string, owners: readonly string[]): void {
    const told = this.#told.get(userId);
    if (told !== undefined) this.#told.set(userId, { ...told, at: LONG_AGO, owners });
  }

  clear(): void {
    this.#told.clear();
  }

  /** The ghosts that are there, those told of last first. */
  newestFirst(): string[] {
    return [...this.#told.keys()].toReversed();
  }

  /**
   * Who has to be told of again lest the homeserver forget them, the most urgent first.
   * @param isWatched whether it matters to a user
   */
  due(now: number, isWatched: (owner: string) => boolean): string[] {
    const due = [...this.#told].filter(
      ([, { presence, at, owners }]) => now - at >= REFRESH_MS[presence] && owners.some(isWatched),
    );
    // Where there are more than can be kept, those who are still shown stay so, rather than all coming and going.
    const urgency = ({ presence, at }: Told): number => Number(now - at >= DECAY_MS[presence]);
    return due.toSorted(([, a], [, b]) => urgency(a) - urgency(b) || a.at - b.at).map(([userId]) => userId);
  }
}
