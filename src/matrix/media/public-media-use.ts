import type { Clock } from "../../util/clock.ts";
import { TokenBucket } from "../../util/token-bucket.ts";

export interface UseLimits {
  /** How many files are served at once. */
  readonly atOnce: number;
  /** How many at once by one link. */
  readonly atOnceByLink: number;
  /** How many requests one link may make after a rest. */
  readonly burst: number;
  /** After how long one more, in milliseconds. */
  readonly everyMs: number;
}

interface LinkUse {
  readonly bucket: TokenBucket;
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
  async enter(token: string): Promise<(() => void) | "busy" | "too-often"> {
    const link = this.#links.get(token) ?? this.#newLink();
    this.#links.delete(token);
    this.#links.set(token, link);
    this.#forgetOldest();
    if (!(await link.bucket.take(0))) return "too-often";
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
    const { burst, everyMs } = this.#limits;
    return { bucket: new TokenBucket({ burst, everyMs, clock: this.#clock }), open: 0 };
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
