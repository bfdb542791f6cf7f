/** The most messages of one conversation in one direction of which nobody knows yet what becomes of them. */
export const MOST_UNSETTLED = 3;

interface Pending {
  readonly conversation: string;
  /** Whether it was said since the bridge is up. */
  isFresh: boolean;
}

/** The messages of one direction that are on their way; whoever wants to say more waits until fewer are. */
export class Window {
  readonly #pending = new Map<string, Pending>();
  #hasFlowed = false;

  /** How many more may be said. */
  room(conversation: string): number {
    const unsettled = [...this.#pending.values()].filter((one) => one.conversation === conversation);
    return Math.max(0, MOST_UNSETTLED - unsettled.length);
  }

  add(text: string, conversation: string): void {
    this.#pending.set(text, { conversation, isFresh: true });
  }

  /** It has arrived, or nobody waits for it any more. */
  settle(text: string, hasArrived: boolean): void {
    const pending = this.#pending.get(text);
    if (pending === undefined) return;
    this.#pending.delete(text);
    if (hasArrived && pending.isFresh) this.#hasFlowed = true;
  }

  /** From now on only what is said afterwards counts as flowing. */
  age(): void {
    this.#hasFlowed = false;
    for (const pending of this.#pending.values()) pending.isFresh = false;
  }

  /** Nothing of what is on its way is waited for any more. */
  forget(): void {
    for (const text of this.#pending.keys()) this.settle(text, false);
  }

  /** Something that was said since the last `age` has arrived. */
  get hasFlowed(): boolean {
    return this.#hasFlowed;
  }

  get size(): number {
    return this.#pending.size;
  }
}
