/** A notice that offers reactions. */
interface Clickable {
  /** The owner has reacted to it. */
  click(key: string): void;
}

// How many notices are remembered, also after their end: reactions to them still stand in the room.
const KEPT = 100;

/** Finds the notice that a reaction is about, by its event. */
export class NoticeIndex {
  /** The newest last. */
  readonly #notices = new Map<string, Clickable>();

  add(eventId: string, notice: Clickable): void {
    this.#notices.set(eventId, notice);
    const [oldest] = this.#notices.keys();
    if (oldest !== undefined && this.#notices.size > KEPT) this.#notices.delete(oldest);
  }

  find(eventId: string): Clickable | undefined {
    return this.#notices.get(eventId);
  }
}
