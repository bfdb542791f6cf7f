import { SerialQueue } from "../util/serial-queue.ts";
import type { Clock, Timer } from "../util/clock.ts";
import { encodeContent, MAX_MESSAGE_BYTES, type OutgoingContent } from "./content.ts";
import { MsnError } from "./errors.ts";
import { accountKey } from "./roster.ts";
import type { Delivery, SwitchboardClient } from "./switchboard.ts";

export interface ConversationOptions {
  readonly own: string;
  readonly contact: string;
  readonly clock: Clock;
  /** Gets a new switchboard with nobody on it. */
  readonly openSwitchboard: (conversation: Conversation) => Promise<SwitchboardClient>;
}

const QUEUE_LIMIT = 1000;
// docs/msnp.md 4.3: servers do not close idle switchboards, so we do.
const IDLE_MS = 5 * 60_000;

/**
 * A chat with one contact as people mean it. Switchboards come and go under it; it asks for one when it has something
 * to say and none is usable.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #contactKey: string;
  readonly #queue = new SerialQueue(QUEUE_LIMIT);
  /** Newest last. Two can live at once: both sides may call each other at the same time (docs/msnp.md 4.2). */
  #boards: SwitchboardClient[] = [];
  #idle: Timer | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#contactKey = accountKey(options.contact);
  }

  /**
   * Says something; contents go out in the order of the calls, each once the one before it is settled.
   * @param onWrite called before the first byte is written; called again when it is resent on another board
   * @throws QueueFullError when a thousand contents wait already
   */
  async send(content: OutgoingContent, onWrite?: () => void): Promise<Delivery> {
    const payload = encodeContent(content, this.#options.own);
    if (payload.length > MAX_MESSAGE_BYTES) {
      return { state: "failed", error: new MsnError("rejected", "the message is too long for one MSN message") };
    }
    return this.#queue.add(() => this.#deliver(payload, onWrite));
  }

  /** Shows the contact that we are typing, if there is an open switchboard; none is opened for it. */
  sendTyping(): void {
    this.#occupied()?.post(encodeContent({ type: "typing" }, this.#options.own));
  }

  /** A switchboard, opened by us or by the contact, belongs to this conversation from now on. */
  adopt(board: SwitchboardClient): void {
    this.#boards = [...this.#boards.filter((other) => !other.isClosed), board];
    this.touch();
  }

  /** Something was said or heard: the idle time starts again. */
  touch(): void {
    this.#idle?.cancel();
    this.#idle = this.#options.clock.after(IDLE_MS, () => this.leave());
  }

  /** Leaves every switchboard; the conversation goes on with the next message. */
  leave(): void {
    this.#idle?.cancel();
    for (const board of this.#boards.splice(0)) void board.leave();
  }

  // A NAK means that nobody got it, so that it may be said again on another board, once (docs/msnp.md 4.4).
  async #deliver(payload: Buffer, onWrite: (() => void) | undefined): Promise<Delivery> {
    const first = await this.#deliverOnce(payload, onWrite);
    if (first.state !== "failed" || first.error.code !== "rejected") return first;
    this.leave();
    return this.#deliverOnce(payload, onWrite);
  }

  async #deliverOnce(payload: Buffer, onWrite: (() => void) | undefined): Promise<Delivery> {
    try {
      const board = await this.#reach();
      this.touch();
      onWrite?.();
      return await board.send(payload);
    } catch (error) {
      if (error instanceof MsnError) return { state: "failed", error };
      throw error;
    }
  }

  /** A switchboard with the contact on it. */
  async #reach(): Promise<SwitchboardClient> {
    const ready = this.#occupied();
    if (ready !== undefined) return ready;
    try {
      return await this.#call();
    } catch (error) {
      // The contact may have called us while our own call failed.
      const other = this.#occupied();
      if (other !== undefined) return other;
      throw error;
    }
  }

  async #call(): Promise<SwitchboardClient> {
    const empty = this.#boards.findLast((board) => !board.isClosed);
    if (empty !== undefined) {
      try {
        await empty.invite(this.#options.contact);
        return empty;
      } catch (error) {
        // An old board may close at any time; that says nothing about the contact.
        if (!empty.isClosed) throw error;
      }
    }
    const board = await this.#options.openSwitchboard(this);
    try {
      await board.invite(this.#options.contact);
      return board;
    } catch (error) {
      void board.leave();
      throw error;
    }
  }

  #occupied(): SwitchboardClient | undefined {
    return this.#boards.findLast((board) => !board.isClosed && board.members.has(this.#contactKey));
  }
}
