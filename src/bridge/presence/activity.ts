import type { OwnPresence } from "../../convert/ephemeral-event.ts";
import type { Clock } from "../../util/clock.ts";

/** For how long a user who did something counts as being there, in milliseconds. */
const ACTIVE_MS = 5 * 60_000;

/** What the homeserver said of a user, and when. */
export interface SeenPresence {
  readonly presence: OwnPresence;
  readonly at: number;
}

/** Hears of what users do. */
export interface ActivityListener {
  /** A user has done something, or their presence has changed. */
  seenActive(userId: string): void;
}

/** Who has done something on Matrix of late, and who is there as far as the homeserver says. */
export class Activity {
  readonly #clock: Clock;
  readonly #listeners: ActivityListener[] = [];
  /** The last time, oldest first; nobody who has been away for long. */
  readonly #last = new Map<string, number>();
  /** Nobody of whom the homeserver has said nothing; it speaks only of people in rooms of ours. */
  readonly #presences = new Map<string, SeenPresence>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on `listener` hears each time a user does something, or their presence changes. */
  attach(listener: ActivityListener): void {
    this.#listeners.push(listener);
  }

  /**
   * A user writes, types or reads.
   * @param at when: what they wrote may have waited
   */
  seen(userId: string, at = this.#clock.now()): void {
    const now = this.#clock.now();
    const last = Math.min(now, Math.max(at, this.#last.get(userId) ?? -Infinity));
    if (now - last >= ACTIVE_MS) return;
    this.#last.delete(userId);
    this.#last.set(userId, last);
    for (const [other, time] of this.#last) {
      if (now - time < ACTIVE_MS) break;
      this.#last.delete(other);
    }
    this.#tell(userId);
  }

  /** The homeserver says what a user does. */
  seenPresence(userId: string, presence: OwnPresence): void {
    const isThere = presence === "online" || presence === "busy";
    if (this.#presences.get(userId)?.presence !== presence)
      this.#presences.set(userId, { presence, at: this.#clock.now() });
    if (isThere) this.seen(userId);
    else this.#tell(userId);
  }

  /** Until when a user counts as being there; undefined when they do not. */
  activeUntil(userId: string): number | undefined {
    const last = this.#last.get(userId);
    if (last === undefined) return undefined;
    const until = last + ACTIVE_MS;
    return this.#clock.now() < until ? until : undefined;
  }

  /** What the homeserver said of a user last; undefined as long as it has said nothing. */
  presenceOf(userId: string): SeenPresence | undefined {
    return this.#presences.get(userId);
  }

  #tell(userId: string): void {
    for (const listener of this.#listeners) listener.seenActive(userId);
  }
}
