import { randomUUID } from "node:crypto";
import { asEdit, toMatrix } from "../../convert/to-matrix.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import type { NoticeIndex } from "./notice-index.ts";

/** Is told which of the reactions that a notice offers the owner chose. */
export interface NoticeListener {
  clicked(key: string): void;
}

/** What a notice needs of its portal. */
interface NoticeScope extends Pick<PortalScope, "portalId" | "log"> {
  readonly members: Pick<PortalScope["members"], "mainIntent">;
  readonly room: Pick<PortalScope["room"], "ensureRead">;
}

/**
 * A notice in the portal's room about something that changes: what is said later replaces what was said before. Nothing of
 * it is on disk, and what cannot be said is dropped.
 */
export class EditableNotice {
  readonly #scope: NoticeScope;
  readonly #index: NoticeIndex;
  readonly #listener: NoticeListener;
  /** Reactions that count, from before the event is there: users may be quicker than the homeserver's answer. */
  readonly #keys = new Set<string>();
  readonly #offered = new Set<string>();
  #wanted: { readonly text: string; readonly keys: readonly string[] } | undefined;
  #event: { readonly roomId: string; readonly id: string } | undefined;
  #sending: Promise<void> | undefined;
  #isOver = false;

  /** @param index learns the event, so that reactions to it are found */
  constructor(scope: NoticeScope, index: NoticeIndex, listener: NoticeListener) {
    this.#scope = scope;
    this.#index = index;
    this.#listener = listener;
  }

  /** Whether anything was said, or is being said. */
  get isStarted(): boolean {
    return this.#event !== undefined || this.#sending !== undefined;
  }

  /** Whether its event is in the room. */
  get isPosted(): boolean {
    return this.#event !== undefined;
  }

  /** While it is being said for the first time: resolves when its event is known, or could not be sent. */
  get posting(): Promise<void> | undefined {
    return this.#event === undefined ? this.#sending : undefined;
  }

  /** @param keys reactions to offer, in addition to those that are offered already */
  say(text: string, keys: readonly string[] = []): void {
    if (this.#isOver) return;
    this.#wanted = { text, keys };
    for (const key of keys) this.#keys.add(key);
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
  }

  /** Says what remains in the room; from then on nothing is said, and reactions change nothing. */
  end(text: string): void {
    this.say(text);
    this.#isOver = true;
  }

  /** The owner has reacted to it. */
  click(key: string): void {
    if (!this.#isOver && this.#keys.has(key)) this.#listener.clicked(key);
  }

  /** Resolves once everything has been said. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    // Not at once, so that a transfer goes on first when it says something.
    await Promise.resolve();
    while (this.#wanted !== undefined) {
      const { text, keys } = this.#wanted;
      this.#wanted = undefined;
      try {
        await this.#post(text);
        await this.#offer(keys);
      } catch (error) {
        this.#scope.log.debug({ error, portal: this.#scope.portalId }, "a notice about a file could not be sent");
      }
    }
  }

  async #post(text: string): Promise<void> {
    const { members, room } = this.#scope;
    const txnId = newTxnId();
    const content = toMatrix({ type: "notice", text }, txnId);
    if (this.#event !== undefined) {
      await members.mainIntent.send(this.#event.roomId, "m.room.message", txnId, asEdit(content, this.#event.id));
      return;
    }
    const roomId = await room.ensureRead();
    const id = await members.mainIntent.send(roomId, "m.room.message", txnId, content);
    this.#event = { roomId, id };
    this.#index.add(id, this);
  }

  async #offer(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      if (this.#event === undefined || this.#offered.has(key)) continue;
      this.#offered.add(key);
      const { roomId, id } = this.#event;
      const relation = { rel_type: "m.annotation", event_id: id, key };
      await this.#scope.members.mainIntent.send(roomId, "m.reaction", newTxnId(), { "m.relates_to": relation });
    }
  }
}

// Not kept anywhere: a second try under the same id is left to the transport.
function newTxnId(): string {
  return `msn-file-${randomUUID()}`;
}
