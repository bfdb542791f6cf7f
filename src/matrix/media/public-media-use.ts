import type { Clock } from "../../util/clock.ts";
import { RateLimit, type Rate } from "../../util/rate-limit.ts";

/** How many requests one link may make is its rate. */
export interface UseLimits extends Rate {
  /** How many files are served at once. */
  readonly atOnce: number;
  /** How many at once by one link. */
  readonly atOnceByLink: number;
}

interface LinkUse {
  readonly requests: RateLimit;
  open: number;
}

const MAX_REMEMBERED = 1000;

/** Keeps a link that many have, or one who asks too often, from taking everything for itself. */
export class PublicMediaUse {
  readonly #limits: UseLimits;
  readonly #clock: Clock;
  /** By token, the one that was used last at the end. */
  readonly #links = new Map<string, LinkUse>();
  #open = 0;

  constructor(limits: UseLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Lets a request in, and returns how it is let out; or says why not. */
  enter(token: string): (() => void) | "busy" | "too-often" {
    const link = this.#links.get(token) ?? this.#newLink();
    this.#links.delete(token);
    this.#links.set(token, link);
    this.#forgetOldest();
    if (!link.requests.take()) return "too-often";
    const { atOnce, atOnceByLink } = this.#limits;
    if (this.#open >= atOnce || link.open >= atOnceByLink) return "busy";
    this.#open += 1;
    link.open += 1;
    let isOut = false;
    return () => {
      if (isOut) return;
      isOut = true;
      this.#open -= 1;
      link.open -= 1;
    };
  }

  #newLink(): LinkUse {
    return { requests: new RateLimit(this.#clock, this.#limits), open: 0 };
  }

  #forgetOldest(): void {
    if (this.#links.size <= MAX_REMEMBERED) return;
    for (const [token, { open }] of this.#links) {
      if (open > 0) continue;
      this.#links.delete(token);
      return;
    }
  }
}
