// A CONVERSATION: SAYING THINGS IN ORDER
//
// The problem. What is said has to arrive once and in order, on switchboards that may be empty, closing, or dead without
// showing it, and the caller has to learn what became of it.
//
// The way of a text:
//
//   queued ──► a switchboard with a member on it ──► written ──► ACK      delivered
//                 │ there is one: it is used            │  ├───► NAK      failed, once more on a new switchboard (*)
//                 │ an empty one: they are called       │  ├───► silence  uncertain, and the switchboard is given up
//                 │ none: one is opened, they are       │  └───► its end  uncertain
//                 │ called, and one has to come         │
//                 └── nobody comes: failed              └ `onWrite` was called just before
//
//   (*) NAK says that nobody got it. What the server refused with a reason is not repeated.
//
// Rules
// - One text at a time: the next is written when the one before is settled. Of an invitation only bad news is asked for,
//   so nothing waits behind it once it is written. Typing does not queue, and opens nothing.
// - `onWrite` comes before the first byte and again before a repetition: up to it a message certainly has not arrived.
// - After five idle minutes every switchboard is left, since servers do not end them (docs/msnp.md 4.3).
//
// What must never happen
// - A text whose bytes were written is written again without a NAK: it could arrive twice.
// - `failed` for what may have arrived. In doubt it is `uncertain`.

import { SerialQueue } from "../../util/serial-queue.ts";
import type { Timer } from "../../util/clock.ts";
import type { OutgoingContent } from "../content/content.ts";
import { encodeContent, MAX_MESSAGE_BYTES } from "../content/encode-content.ts";
import type { MsnScope } from "../base/scope.ts";
import { MsnError } from "../base/errors.ts";
import { accountKey } from "../base/account.ts";
import { ConversationBoards, type BoardOwner } from "./conversation-boards.ts";
import type { AckClass, Delivery, WriteListener } from "./delivery.ts";
import type { Switchboard } from "./switchboard.ts";
import { WriteWatch } from "./write-watch.ts";

/** What a conversation is, and with whom. */
export interface ConversationSubject {
  /** Direct: with one contact, for ever the same. Group: with those who are there. */
  readonly kind: "direct" | "group";
  /** For a direct conversation the contact's account in lower case, for a group any string. */
  readonly id: string;
  /** Whom to call when there is no switchboard. */
  readonly people: readonly string[];
}

/** Who has conversations, and gets switchboards for them. */
export interface ConversationHost {
  /** Gets a new switchboard with nobody on it. @throws MsnError */
  openSwitchboard(conversation: Conversation): Promise<Switchboard>;
  /** Whether a file is offered, or under way, between a contact and us. */
  isTransferring(contact: string): boolean;
  /** Something was said or heard, or a member came. */
  onActivity(conversation: Conversation): void;
}

const QUEUE_LIMIT = 1000;
const queueFull = (): MsnError =>
  new MsnError("limited", `more than ${QUEUE_LIMIT} messages wait in this conversation`);

// docs/msnp.md 4.4. A nudge is meant to be felt, so it is asked whether it was.
const ACK_CLASSES: Readonly<Record<OutgoingContent["type"], AckClass>> = {
  text: "A",
  nudge: "A",
  action: "A",
  invitation: "N",
  typing: "U",
};

// docs/msnp.md 4.3: servers do not close idle switchboards, so we do.
const IDLE_MS = 5 * 60_000;

/**
 * A chat as people mean it, with one contact or a group. Switchboards come and go under it; it asks for one when it has
 * something to say and none is usable.
 */
export class Conversation implements BoardOwner {
  readonly kind: "direct" | "group";
  readonly id: string;
  readonly #scope: MsnScope;
  readonly #host: ConversationHost;
  readonly #queue = new SerialQueue(QUEUE_LIMIT, queueFull);
  #people: ReadonlySet<string>;
  readonly #boards = new ConversationBoards(this);
  #idle: Timer | undefined;

  /** Made by `MsnClient`. */
  constructor(scope: MsnScope, host: ConversationHost, { kind, id, people }: ConversationSubject) {
    this.#scope = scope;
    this.#host = host;
    this.kind = kind;
    this.id = id;
    this.#people = new Set(people.map(accountKey));
  }

  /** Whom it is with: the contact, or the largest set of people that the group has had at once. */
  get people(): ReadonlySet<string> {
    return this.#people;
  }

  async openBoard(): Promise<Switchboard> {
    return this.#host.openSwitchboard(this);
  }

  /** Whether somebody is there now. */
  get isReached(): boolean {
    return this.#boards.occupied !== undefined;
  }

  /** The switchboards that could be left. */
  get open(): readonly Switchboard[] {
    return this.#boards.open;
  }

  /** Whether it could leave its switchboards: nothing waits to be said on them or to be taken in, and no file is offered. */
  get isQuiet(): boolean {
    return this.#boards.isQuiet && this.#queue.size === 0;
  }

  /** Files are carried in direct conversations only. */
  get isTransferring(): boolean {
    return this.kind === "direct" && this.#host.isTransferring(this.id);
  }

  /** Who is there now. */
  get present(): ReadonlySet<string> {
    return new Set(this.#boards.occupied?.members.keys() ?? []);
  }

  /**
   * Says something; contents go out in the order of the calls, each once the one before it is settled. Of an invitation
   * only bad news is asked for: nothing waits behind it once it is written. Typing is shown as `sendTyping` does.
   * @param listener told just before it is written
   * @throws MsnError `limited` when a thousand contents wait already
   */
  async send(content: OutgoingContent, listener?: WriteListener): Promise<Delivery> {
    const payload = encodeContent(content, this.#scope.account);
    if (payload.length > MAX_MESSAGE_BYTES) {
      return { state: "failed", error: new MsnError("rejected", "the message is too long for one MSN message") };
    }
    switch (ACK_CLASSES[content.type]) {
      case "A":
        return this.#queue.add(() => this.#deliver(payload, listener));
      case "N":
        return this.#queueUntilWritten(payload, listener);
      case "U":
        return this.#show(payload, listener);
    }
  }

  /** Shows that we are typing, if there is an open switchboard; none is opened for it. */
  sendTyping(): void {
    this.mention({ type: "typing" });
  }

  /** Says something at once, if there is an open switchboard; none is opened for it. Nobody asks what becomes of it. */
  mention(content: OutgoingContent): void {
    const board = this.#boards.occupied;
    if (board === undefined) return;
    if (content.type === "invitation") this.#boards.noteFile(board);
    board.post(encodeContent(content, this.#scope.account));
  }

  /**
   * Calls one more person. A direct conversation that gets a third person goes on as a group; the client reports it.
   * @throws MsnError
   */
  async invite(account: string): Promise<void> {
    // In the queue, so that no second board is opened beside the one that a message waits for.
    const board = await this.#queue.add(() => this.#boards.reach());
    await board.invite(account);
  }

  /**
   * Calls each of its members who is not there.
   * @returns who has not come
   * @throws MsnError when nobody is there in the end
   */
  async gather(): Promise<string[]> {
    const ready = this.#boards.occupied;
    const board = await this.#queue.add(() => this.#boards.reach());
    const missing = (): string[] => [...this.#people].filter((account) => !board.members.has(account));
    if (ready !== undefined) await Promise.allSettled(missing().map((account) => board.invite(account)));
    return missing();
  }

  /** A switchboard, opened by us or by a contact, belongs to this conversation from now on. */
  adopt(board: Switchboard): void {
    this.#boards.add(board);
    this.noteMembers(board);
    this.touch();
  }

  /** Something about a file was heard on a switchboard. */
  noteFile(board: Switchboard): void {
    this.#boards.noteFile(board);
  }

  /** A switchboard belongs to another conversation from now on. */
  release(board: Switchboard): void {
    this.#boards.remove(board);
    if (this.#boards.isEmpty) this.#idle?.cancel();
  }

  /** Leaves a switchboard that is of no use any more. */
  abandon(board: Switchboard): void {
    this.release(board);
    void board.leave();
  }

  /** Who is on a switchboard of a group has changed. */
  noteMembers(board: Switchboard): void {
    if (this.kind === "group" && board.members.size > this.#people.size) this.#people = new Set(board.members.keys());
  }

  /** Something was said or heard: the idle time starts again, unless there is no board that could be left. */
  touch(): void {
    this.#idle?.cancel();
    // What is heard between OUT and the end of the board is heard on one that is left already.
    if (this.#boards.open.length > 0 && !this.#boards.isHeld)
      this.#idle = this.#scope.clock.after(IDLE_MS, () => this.leave());
    this.#host.onActivity(this);
  }

  /**
   * Reads nothing more of what its members say, so that in the end their server makes them wait; time-outs stand still. For
   * those who cannot take in more. It goes on, or is left, some time.
   */
  hold(): void {
    this.#boards.hold();
    this.#idle?.cancel();
  }

  /** Goes on after `hold`. */
  goOn(): void {
    if (!this.#boards.isHeld) return;
    this.#boards.goOn();
    this.touch();
  }

  /** Leaves every switchboard; the conversation goes on with the next message. */
  leave(): void {
    this.#idle?.cancel();
    this.#boards.leaveAll();
  }

  async #show(payload: Buffer, listener: WriteListener | undefined): Promise<Delivery> {
    const board = this.#boards.occupied;
    if (board === undefined)
      return { state: "failed", error: new MsnError("contact-offline", "nobody is there to see it") };
    listener?.onWrite();
    return board.send(payload, "U");
  }

  // Not said again after a NAK: what an invitation begins belongs to the board on which it was written.
  async #queueUntilWritten(payload: Buffer, listener: WriteListener | undefined): Promise<Delivery> {
    const { delivery } = await this.#queue.add(async () => {
      const watch = new WriteWatch(listener);
      const fate = { delivery: this.#deliverOnce(payload, "N", watch) };
      await Promise.race([fate.delivery, watch.written]);
      return fate;
    });
    return delivery;
  }

  // A NAK means that nobody got it, so that it may be said again on another board, once (docs/msnp.md 4.4). What the
  // server gave a reason for it would refuse again.
  async #deliver(payload: Buffer, listener: WriteListener | undefined): Promise<Delivery> {
    const first = await this.#deliverOnce(payload, "A", listener);
    if (first.state !== "failed" || first.error.code !== "rejected" || first.error.reason !== undefined) return first;
    this.leave();
    return this.#deliverOnce(payload, "A", listener);
  }

  async #deliverOnce(payload: Buffer, ack: AckClass, listener: WriteListener | undefined): Promise<Delivery> {
    try {
      let board = await this.#boards.reach();
      // While we waited, a third person may have made a group of it: what is meant for one is not said to two.
      if (!this.#boards.has(board)) board = await this.#boards.reach();
      if (!this.#boards.has(board)) throw new MsnError("server-busy", "somebody else keeps joining");
      this.touch();
      if (ack === "N") this.#boards.noteFile(board);
      listener?.onWrite();
      const delivery = await board.send(payload, ack);
      // Whether it is the server or the way to it that has died, the next message would fare no better here.
      if (delivery.state === "uncertain") this.abandon(board);
      return delivery;
    } catch (error) {
      if (error instanceof MsnError) return { state: "failed", error };
      throw error;
    }
  }
}
