import { randomUUID } from "node:crypto";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Log } from "../../util/log.ts";
import { asEdit, toMatrix } from "../../convert/to-matrix.ts";

export interface EditableNoticeOptions {
  readonly mainIntent: UserIntent;
  /** The room to say it in. @throws MatrixError */
  readonly openRoom: () => Promise<string>;
  readonly onClick: (key: string) => void;
  /** The event is there and can be reacted to. */
  readonly onEvent: (eventId: string) => void;
  readonly log: Log;
}

/**
 * A notice about something that changes: what is said later replaces what was said before. It is no promise: what cannot
 * be said is let go.
 */
export class EditableNotice {
  readonly #options: EditableNoticeOptions;
  /** What may be answered, from before it is said: people are quicker than the homeserver, and it may refuse reactions. */
  readonly #keys = new Set<string>();
  readonly #offered = new Set<string>();
  #wanted: { text: string; keys: readonly string[] } | undefined;
  #event: { roomId: string; id: string } | undefined;
  #speaking: Promise<void> | undefined;
  #isOver = false;

  constructor(options: EditableNoticeOptions) {
    this.#options = options;
  }

  /** Whether anything was said. */
  get isBegun(): boolean {
    return this.#event !== undefined || this.#speaking !== undefined;
  }

  /** Whether its event is in the room. */
  get isSaid(): boolean {
    return this.#event !== undefined;
  }

  /** Ends when its event is known, while it is being said for the first time. */
  get beginning(): Promise<void> | undefined {
    return this.#event === undefined ? this.#speaking : undefined;
  }

  /** @param keys reactions to be offered, in addition to those that are */
  say(text: string, keys: readonly string[] = []): void {
    if (this.#isOver) return;
    this.#wanted = { text, keys };
    for (const key of keys) this.#keys.add(key);
    this.#speaking ??= this.#speak().finally(() => (this.#speaking = undefined));
  }

  /** Says what remains; from then on it says nothing and hears nobody. */
  end(text: string): void {
    this.say(text);
    this.#isOver = true;
  }

  /** The owner has reacted to it. */
  click(key: string): void {
    if (!this.#isOver && this.#keys.has(key)) this.#options.onClick(key);
  }

  /** Resolves once everything has been said. */
  async idle(): Promise<void> {
    await this.#speaking;
  }

  async #speak(): Promise<void> {
    // The first step waits a turn, so that whoever says something is never interrupted by it.
    await Promise.resolve();
    while (this.#wanted !== undefined) {
      const { text, keys } = this.#wanted;
      this.#wanted = undefined;
      try {
        await this.#put(text);
        await this.#offer(keys);
      } catch (error) {
        this.#options.log.debug({ error }, "what happens to a file could not be said");
      }
    }
  }

  async #put(text: string): Promise<void> {
    const { mainIntent, openRoom, onEvent } = this.#options;
    const txnId = newTxnId();
    const content = toMatrix({ type: "notice", text }, txnId);
    if (this.#event !== undefined) {
      await mainIntent.send(this.#event.roomId, "m.room.message", txnId, asEdit(content, this.#event.id));
      return;
    }
    const roomId = await openRoom();
    this.#event = { roomId, id: await mainIntent.send(roomId, "m.room.message", txnId, content) };
    onEvent(this.#event.id);
  }

  async #offer(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      if (this.#event === undefined || this.#offered.has(key)) continue;
      this.#offered.add(key);
      const relation = { rel_type: "m.annotation", event_id: this.#event.id, key };
      await this.#options.mainIntent.send(this.#event.roomId, "m.reaction", newTxnId(), { "m.relates_to": relation });
    }
  }
}

// Not kept anywhere, so that a second try under the same id is the transport's affair alone.
function newTxnId(): string {
  return `msn-file-${randomUUID()}`;
}
