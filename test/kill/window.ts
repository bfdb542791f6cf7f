/** The most messages of one conversation in one direction of which nobody knows yet what becomes of them. */
export const MOST_UNSETTLED = 3;

interface Pending {
  readonly conversation: string;
  /** Whether it was said since the bridge is up. */
  isFresh: boolean;
  /** Whether it is out of its sender's hands. */
  isHandedOver: boolean;
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
    this.#pending.set(text, { conversation, isFresh: true, isHandedOver: false });
  }

  /** Its sender has done all that they can. */
  handOver(text: string): void {
    const pending = this.#pending.get(text);
    if (pending !== undefined) pending.isHandedOver = true;
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

  /** What was handed over and has not arrived is not waited for any more. */
  forget(): void {
    for (const [text, { isHandedOver }] of this.#pending) if (isHandedOver) this.settle(text, false);
  }

  /** Something that was said since the last `age` has arrived. */
  get hasFlowed(): boolean {
    return this.#hasFlowed;
  }

  get size(): number {
    return this.#pending.size;
  }
}
