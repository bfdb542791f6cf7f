import type { Clock } from "../../util/clock.ts";
import { largestGroup } from "../../util/largest-group.ts";
import { RateLimit, type Rate } from "../../util/rate-limit.ts";

/** How many requests one holder of links may make is its rate. */
export interface UseLimits extends Rate {
  /** How many files are served at once. */
  readonly atOnce: number;
  /** How many at once by one link. */
  readonly atOnceByLink: number;
}

/** A file that is being served. */
export interface LinkUse {
  /** Aborted when its place goes to somebody who had none. */
  readonly signal: AbortSignal;
  /** Gives its place back; a second time it does nothing. */
  readonly leave: () => void;
}

interface Place {
  readonly link: string;
  readonly holder: string;
  readonly stop: AbortController;
}

const MAX_REMEMBERED = 1000;

/**
 * Keeps those with links from taking everything for themselves, and from keeping it from others: when all places are taken,
 * for a link or in all, whoever has the most of them loses one to whoever has fewer.
 */
export class PublicMediaUse {
  readonly #limits: UseLimits;
  readonly #clock: Clock;
  /** By holder, the one who asked last at the end. */
  readonly #requests = new Map<string, RateLimit>();
  /** The files that are being served, oldest first. */
  readonly #places = new Set<Place>();

  constructor(limits: UseLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Lets a request in, or says why not. */
  enter(link: string, holder: string): LinkUse | "busy" | "too-often" {
    if (!this.#requestsOf(holder).take()) return "too-often";
    const { atOnce, atOnceByLink } = this.#limits;
    const ofLink = [...this.#places].filter((place) => place.link === link);
    if (!this.#makeRoom(ofLink, atOnceByLink, holder)) return "busy";
    if (!this.#makeRoom([...this.#places], atOnce, holder)) return "busy";
    const place: Place = { link, holder, stop: new AbortController() };
    this.#places.add(place);
    return { signal: place.stop.signal, leave: () => void this.#places.delete(place) };
  }

  /** @returns whether there is a place for one more of a holder */
  #makeRoom(places: readonly Place[], most: number, newcomer: string): boolean {
    if (places.length < most) return true;
    const largest = largestGroup(places, ({ holder }) => holder);
    const own = places.filter(({ holder }) => holder === newcomer);
    const newest = largest.at(-1);
    // With one more, the newcomer has no more than the other has left.
    if (newest === undefined || own.length + 1 >= largest.length) return false;
    this.#places.delete(newest);
    newest.stop.abort(new Error("others want a file as well"));
    return true;
  }

  #requestsOf(holder: string): RateLimit {
    const requests = this.#requests.get(holder) ?? new RateLimit(this.#clock, this.#limits);
    this.#requests.delete(holder);
    this.#requests.set(holder, requests);
    const [oldest] = this.#requests.keys();
    if (oldest !== undefined && this.#requests.size > MAX_REMEMBERED) this.#requests.delete(oldest);
    return requests;
  }
}
