import type { Clock, Timer } from "./clock.ts";
import { onAbort } from "./on-abort.ts";
import { RateLimit, type Rate } from "./rate-limit.ts";

interface Waiting {
  readonly letGo: () => void;
}

/**
 * A rate that many share, of which none can take more than the others leave: kinds of things have their turns one after the
 * other, and so have those who wait for the same kind of thing. Whoever wants much waits behind themselves.
 */
export class FairRate<Kind extends string> {
  readonly #clock: Clock;
  readonly #rate: RateLimit;
  /** By kind, then by who, each in the order in which they have their turns. */
  readonly #waiting = new Map<Kind, Map<string, Waiting[]>>();
  #timer: Timer | undefined;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = new RateLimit(clock, rate);
  }

  /**
   * Resolves when it is one's turn.
   * @param signal it is one's turn at once when it is aborted, because one does not want it any more; nothing counts then
   */
  async turn(kind: Kind, who: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || (this.#waiting.size === 0 && this.#rate.take())) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { letGo: resolve };
    const others = this.#waiting.get(kind) ?? new Map<string, Waiting[]>();
    this.#waiting.set(kind, others);
    others.set(who, [...(others.get(who) ?? []), waiting]);
    const stop = onAbort(signal, () => this.#leave(kind, who, waiting));
    this.#wind();
    await promise;
    stop();
  }

  #wind(): void {
    if (this.#waiting.size === 0 || this.#timer !== undefined) return;
    this.#timer = this.#clock.after(this.#rate.wait(), () => {
      this.#timer = undefined;
      this.#next();
      this.#wind();
    });
  }

  #next(): void {
    const [kind, all] = first(this.#waiting) ?? [];
    const [who, [waiting, ...rest]] = (all && first(all)) ?? ["", []];
    if (kind === undefined || all === undefined || waiting === undefined) return;
    this.#rate.count();
    waiting.letGo();
    // Who has had a turn stands behind the others.
    all.delete(who);
    if (rest.length > 0) all.set(who, rest);
    this.#waiting.delete(kind);
    if (all.size > 0) this.#waiting.set(kind, all);
  }

  #leave(kind: Kind, who: string, waiting: Waiting): void {
    const all = this.#waiting.get(kind);
    const rest = all?.get(who)?.filter((one) => one !== waiting) ?? [];
    if (rest.length > 0) all?.set(who, rest);
    else all?.delete(who);
    if (all?.size === 0) this.#waiting.delete(kind);
    if (this.#waiting.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    waiting.letGo();
  }
}

function first<K, V>(map: ReadonlyMap<K, V>): [K, V] | undefined {
  const [entry] = map;
  return entry;
}
