import type { Conversation } from "./conversation.ts";

// Any account may call us, and each that does has a conversation.
const MAX_KEPT = 1000;

/**
 * Conversations by id, in the order of their last activity. Only so many are kept. One that is older than those is
 * forgotten as soon as nobody has it in use, neither a caller nor a switchboard nor a timer: what does finds it here
 * too, so that there are never two of one id.
 */
export class ConversationTable {
  /** All that are still in use somewhere; the last active one last. */
  readonly #known = new Map<string, WeakRef<Conversation>>();
  /** Those that are in use by being here. */
  readonly #kept = new Map<string, Conversation>();
  readonly #forgotten = new FinalizationRegistry<string>((id) => {
    if (this.find(id) === undefined) this.#known.delete(id);
  });

  find(id: string): Conversation | undefined {
    return this.#known.get(id)?.deref();
  }

  /** Those that are in use, the last active one last. */
  list(): Conversation[] {
    return [...this.#known.values()].flatMap((known) => known.deref() ?? []);
  }

  /** A conversation is new, or something has happened in it. */
  touch(conversation: Conversation): void {
    const { id } = conversation;
    const before = this.#known.get(id);
    // What stands there may be forgotten already, and only the notice of it still to come.
    const known = before?.deref() === conversation ? before : this.#refer(conversation);
    this.#known.delete(id);
    this.#known.set(id, known);
    this.#kept.delete(id);
    this.#kept.set(id, conversation);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MAX_KEPT) this.#kept.delete(oldest);
  }

  #refer(conversation: Conversation): WeakRef<Conversation> {
    this.#forgotten.register(conversation, conversation.id);
    return new WeakRef(conversation);
  }
}
