import { randomBytes } from "node:crypto";

import type { Clock } from "../../util/clock.ts";

/** Secrets that stand for something for a while: login tickets and switchboard keys, 20 hex characters each. */
export class Keys<T> {
  readonly #clock: Clock;
  readonly #life: number;
  readonly #byKey = new Map<string, { value: T; until: number }>();

  /** @param life how long a key is good, in milliseconds */
  constructor(clock: Clock, life: number) {
    this.#clock = clock;
    this.#life = life;
  }

  create(value: T): string {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#byKey) if (until <= now) this.#byKey.delete(key);
    const key = randomHex(20);
    this.#byKey.set(key, { value, until: now + this.#life });
    return key;
  }

  /** What the key stands for; the key stays good. */
  find(key: string): T | undefined {
    const entry = this.#byKey.get(key);
    return entry !== undefined && entry.until > this.#clock.now() ? entry.value : undefined;
  }

  /** What the key stands for; the key is spent. */
  take(key: string): T | undefined {
    const value = this.find(key);
    this.#byKey.delete(key);
    return value;
  }
}

export function randomHex(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString("hex")
    .slice(0, length);
}
