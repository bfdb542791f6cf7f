// CONVERSATIONS AND SWITCHBOARDS
//
// The problem. People think in chats: one with Nils, one with a group. MSN has only switchboards: connections with some
// people on them, which either side opens when it has something to say, and which end after minutes. So a chat has to
// outlive its switchboards, and each switchboard has to belong to one chat at a time.
//
// Whose a switchboard is:
//
//   we open it, to say something        the conversation that asked for it
//   we are called to it (RNG)           nobody's, until it is known who is on it: at the first message, or when all who
//                                       were there have been named. Then the caller's direct conversation, or, with more
//                                       than one on it, the group of exactly these people
//   a third person joins                the group of exactly these people, from then on
//   the connection ends                 nobody's; the conversation stays, and opens another when it has something to say
//
// Rules
// - A conversation is found by its id: a contact's account, or a group's random one. A group is also found by its people:
//   the one whose largest set they are, and of several the last active one (docs/msnp.md 4.3).
// - A call is always followed, at a pace (`IncomingCalls`): the first words are on that switchboard (docs/msnp.md 4.2).
// - There are only so many switchboards, fewer of them for those who call, and few for strangers (`BoardTable`). For another
//   the conversation that has been quiet for the longest leaves its own, strangers' first and a group's last: who comes
//   matters more, and the next words there open another.
// - Both sides may call at the same moment; both switchboards are then used for hearing, the newest for saying. More than
//   three of one conversation are of no use (`ConversationBoards`).
// - Everything may be left at once (`leaveAll`); what was being opened then is closed as soon as it is open.
// - They outlive the session on the notification server: only `disconnect` and a sign-in from elsewhere end them.
//
// What must never happen
// - Two conversations with one contact: they would say things out of order (`ConversationTable`).
// - What is meant for one is said to two: `Conversation` looks whose the switchboard is just before it writes.
// - One who calls without end costs connections without end, or keeps others from calling, or us from saying something.
// - A switchboard on which nobody ever says who is there stays for ever.

import { randomUUID } from "node:crypto";
import type { Clock } from "../../util/clock.ts";
import type { BoardOpener } from "./board-opener.ts";
import { ConversationTable } from "./conversation-table.ts";
import { Conversation, type ConversationHost } from "./conversation.ts";
import type { Content } from "../content/content.ts";
import type { ChatEvent } from "./events.ts";
import { IncomingCalls } from "./incoming-calls.ts";
import type { CallFollower } from "./call-lane.ts";
import { BoardTable } from "./board-table.ts";
import type { Acquaintances } from "../base/acquaintances.ts";
import type { Address } from "../base/address.ts";
import { MsnError } from "../base/errors.ts";
import type { EventSink } from "../base/event-sink.ts";
import { GatheredWarning } from "../base/gathered-warning.ts";
import type { MsnScope } from "../base/scope.ts";
import type { Ring } from "../base/switchboard-ticket.ts";
import { accountKey } from "../base/account.ts";
import type { OutgoingInvitation } from "../wire/invitation.ts";
import type { Delivery, WriteListener } from "./delivery.ts";
import type { Switchboard, SwitchboardListener } from "./switchboard.ts";

/** Who is told of what happens in conversations. */
export interface ChatListener extends EventSink<ChatEvent> {
  /** A contact has left a switchboard that is no group's; quietly as in the event `left`. */
  onContactLeft(contact: string, quietly: boolean): void;
  /** Whether a file is offered, or under way, between a contact and us. */
  isTransferring(contact: string): boolean;
}

/** What else conversations are given. */
export interface ConversationOptions {
  readonly acquaintances: Acquaintances;
  /** Stands still while nothing is read: nobody is idle whom we do not hear. The scope's if not given. */
  readonly readingClock?: Clock;
}

// Of one that is nobody's: we have called ourselves from another program, and whoever it was has gone.
const NOBODYS_MS = 60_000;

/** The conversations of an account, and the switchboards under them. They outlive the session on the notification server. */
export class Conversations implements SwitchboardListener, ConversationHost, CallFollower {
  readonly #scope: MsnScope;
  readonly #readingClock: Clock;
  readonly #opener: BoardOpener;
  readonly #listener: ChatListener;
  readonly #direct = new ConversationTable();
  readonly #groups = new ConversationTable();
  readonly #boards: BoardTable;
  readonly #calls: IncomingCalls;
  readonly #refused: GatheredWarning;
  readonly #failed: GatheredWarning;

  constructor(scope: MsnScope, opener: BoardOpener, listener: ChatListener, options: ConversationOptions) {
    const { acquaintances, readingClock = scope.clock } = options;
    this.#scope = scope;
    this.#readingClock = readingClock;
    this.#boards = new BoardTable(acquaintances);
    this.#opener = opener;
    this.#listener = listener;
    this.#calls = new IncomingCalls(scope.clock, this, acquaintances);
    this.#refused = new GatheredWarning(scope, "a call was not followed, because of a limit of ours");
    this.#failed = new GatheredWarning(scope, "a call could not be followed");
  }

  /** The direct conversation with a contact; made if there is none yet. */
  with(contact: string): Conversation {
    const id = accountKey(contact);
    return this.#direct.find(id) ?? this.#make("direct", id, [contact]);
  }

  /** Whether a contact is on a switchboard of the direct conversation with us. */
  isWith(contact: string): boolean {
    return (this.#direct.find(accountKey(contact))?.present.size ?? 0) > 0;
  }

  /** Says something about a file to a contact; `listener` as in `Conversation.send`. */
  async say(contact: string, invitation: OutgoingInvitation, listener: WriteListener): Promise<Delivery> {
    return this.with(contact).send({ type: "invitation", invitation }, listener);
  }

  /** The same, if there is an open switchboard. */
  mention(contact: string, invitation: OutgoingInvitation): void {
    this.with(contact).mention({ type: "invitation", invitation });
  }

  /** A group by its id. */
  group(id: string): Conversation | undefined {
    return this.#groups.find(id);
  }

  /**
   * The group whose largest set of people is exactly this one; made if there is none yet. Groups that grew may share
   * theirs with another: then it is the last active one.
   */
  groupOf(people: Iterable<string>): Conversation {
    const wanted = new Set([...people].map(accountKey));
    const known = this.#groups.list().findLast((group) => isSame(group.people, wanted));
    return known ?? this.#make("group", randomUUID(), [...wanted]);
  }

  /** Follows a call, unless too many wait: the first words of a chat would be lost (docs/msnp.md 4.2). */
  ring(ring: Ring): void {
    const refusal = this.#calls.add(ring);
    if (refusal !== undefined) this.#notFollowed(ring, refusal);
  }

  /**
   * Leaves every switchboard, and those that are being opened. Resolves once all that were open are closed.
   * @returns false when others were still speaking on one that had to be closed
   */
  async leaveAll(): Promise<boolean> {
    this.#opener.giveUp();
    this.#calls.clear();
    for (const conversation of [...this.#direct.list(), ...this.#groups.list()]) conversation.leave();
    const ends = await Promise.all(this.#boards.boards().map((board) => board.leave()));
    return ends.every(Boolean);
  }

  follow(ring: Ring): void {
    this.#answer(ring).catch((error: unknown) => this.#notFollowed(ring, error));
  }

  isTransferring(contact: string): boolean {
    return this.#listener.isTransferring(contact);
  }

  async openSwitchboard(owner: Conversation): Promise<Switchboard> {
    const ticket = await this.#opener.ticket();
    const board = await this.#connect(ticket.address, undefined);
    try {
      await board.signIn(ticket.key);
    } catch (error) {
      void board.leave();
      throw error;
    }
    this.#give(board, owner);
    return board;
  }

  onActivity(conversation: Conversation): void {
    this.#tableOf(conversation.kind).touch(conversation);
  }

  onJoin(board: Switchboard, account: string, name: string): void {
    this.#listener.report({ type: "name", account, name });
    const owner = this.#boards.get(board)?.owner;
    // A third person: the board goes to the group of exactly these people (docs/msnp.md 4.3).
    if (owner?.kind === "direct" && board.members.size > 1) {
      this.#giveToGroup(board);
    } else if (owner?.kind === "group") {
      owner.noteMembers(board);
      owner.touch();
      this.#reportJoin(owner, account, name);
    }
  }

  onLeave(board: Switchboard, account: string, quietly: boolean): void {
    const owner = this.#boards.get(board)?.owner;
    if (owner?.kind === "group") this.#listener.report({ type: "left", group: owner.id, account, quietly });
    else this.#listener.onContactLeft(account, quietly);
  }

  onContent(board: Switchboard, account: string, name: string, content: Content): void {
    const owner = this.#ownerOf(board);
    if (content.type === "invitation") owner?.noteFile(board);
    owner?.touch();
    const group = owner?.kind === "group" ? owner.id : undefined;
    this.#listener.report({ type: "content", account, name, content, group });
  }

  onClose(board: Switchboard): void {
    this.#boards.get(board)?.owner?.release(board);
    this.#boards.delete(board);
  }

  #make(kind: "direct" | "group", id: string, people: readonly string[]): Conversation {
    const scope = { ...this.#scope, clock: this.#readingClock };
    const conversation = new Conversation(scope, this, { kind, id, people });
    this.#tableOf(kind).touch(conversation);
    return conversation;
  }

  #tableOf(kind: "direct" | "group"): ConversationTable {
    return kind === "direct" ? this.#direct : this.#groups;
  }

  async #answer(ring: Ring): Promise<void> {
    const board = await this.#connect(ring.address, ring.caller);
    try {
      await board.answer(ring.key, ring.session);
      const state = this.#boards.get(board);
      if (this.#ownerOf(board) === undefined && state !== undefined)
        state.timer = this.#readingClock.after(NOBODYS_MS, () => void board.leave());
    } catch (error) {
      void board.leave();
      throw error;
    }
  }

  async #connect(address: Address, caller: string | undefined): Promise<Switchboard> {
    const limit = this.#boards.limit(caller);
    if (limit !== undefined) this.#boards.leaver(limit, caller, this.#longestQuiet())?.leave();
    return this.#boards.open(caller, async () => this.#opener.connect(address, this));
  }

  #longestQuiet(): Conversation[] {
    return [...this.#direct.list(), ...this.#groups.list()].filter((conversation) => conversation.isQuiet);
  }

  #notFollowed(ring: Ring, error: unknown): void {
    const isLimited = error instanceof MsnError && error.code === "limited";
    (isLimited ? this.#refused : this.#failed).add({ error });
    // Servers that are gone, and calls that have ended, are nobody's concern: who calls will call again. Strangers would.
    const isTold = isLimited ? !this.#boards.isStranger(ring.caller) : isRefusal(error);
    if (error instanceof MsnError && isTold)
      this.#listener.report({ type: "missed-call", account: accountKey(ring.caller), error });
  }

  // Who was there when we came is known before anything is said; with more than one it is a group (docs/msnp.md 4.2).
  #ownerOf(board: Switchboard): Conversation | undefined {
    const state = this.#boards.get(board);
    if (state === undefined || state.owner !== undefined || state.caller === undefined) return state?.owner;
    if (board.members.size > 1) return this.#giveToGroup(board);
    // We may have called ourselves, from another program.
    const [other] = board.members.keys();
    const caller = accountKey(state.caller) === accountKey(this.#scope.account) ? other : state.caller;
    if (caller === undefined) return undefined;
    const owner = this.with(caller);
    this.#give(board, owner);
    return owner;
  }

  #giveToGroup(board: Switchboard): Conversation {
    const group = this.groupOf(board.members.keys());
    this.#give(board, group);
    for (const [member, name] of board.members) this.#reportJoin(group, member, name);
    return group;
  }

  #give(board: Switchboard, owner: Conversation): void {
    const state = this.#boards.get(board);
    if (state === undefined) return;
    state.timer?.cancel();
    state.owner?.release(board);
    state.owner = owner;
    owner.adopt(board);
  }

  #reportJoin(group: Conversation, account: string, name: string): void {
    this.#listener.report({ type: "joined", group: group.id, account, name });
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof MsnError && error.code === "address-refused";
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
