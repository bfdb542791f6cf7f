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
// - There are only so many switchboards. For another the conversation that has been quiet for the longest leaves its own, a
//   group's last: who comes matters more, and the next words there open another.
// - Both sides may call at the same moment; both switchboards are then used for hearing, the newest for saying.
// - Everything may be left at once (`leaveAll`); what was being opened then is closed as soon as it is open.
// - They outlive the session on the notification server: only `disconnect` and a sign-in from elsewhere end them.
//
// What must never happen
// - Two conversations with one contact: they would say things out of order (`ConversationTable`).
// - What is meant for one is said to two: `Conversation` looks whose the switchboard is just before it writes.
// - A stranger who calls without end costs connections without end (`BoardOpener` has the limit).

import { randomUUID } from "node:crypto";
import type { Clock } from "../../util/clock.ts";
import type { BoardOpener } from "./board-opener.ts";
import { ConversationTable } from "./conversation-table.ts";
import { Conversation, type ConversationHost } from "./conversation.ts";
import type { Content } from "../content/content.ts";
import type { ChatEvent } from "./events.ts";
import { IncomingCalls, type CallFollower } from "./incoming-calls.ts";
import type { Address } from "../base/address.ts";
import { MsnError, type MsnErrorCode } from "../base/errors.ts";
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
}

/** A live switchboard and whose it is; until it is known who is on it, by whom we were called to it. */
interface BoardState {
  owner: Conversation | undefined;
  readonly caller: string | undefined;
}

/** The conversations of an account, and the switchboards under them. They outlive the session on the notification server. */
export class Conversations implements SwitchboardListener, ConversationHost, CallFollower {
  readonly #scope: MsnScope;
  readonly #readingClock: Clock;
  readonly #opener: BoardOpener;
  readonly #listener: ChatListener;
  readonly #direct = new ConversationTable();
  readonly #groups = new ConversationTable();
  readonly #boards = new Map<Switchboard, BoardState>();
  readonly #calls: IncomingCalls;
  readonly #refused: GatheredWarning;
  readonly #failed: GatheredWarning;

  /** @param readingClock stands still while nothing is read: nobody is idle whom we do not hear */
  constructor(scope: MsnScope, opener: BoardOpener, listener: ChatListener, readingClock = scope.clock) {
    this.#scope = scope;
    this.#readingClock = readingClock;
    this.#opener = opener;
    this.#listener = listener;
    this.#calls = new IncomingCalls(scope.clock, this);
    this.#refused = new GatheredWarning(scope, "a call could not be followed, because too many wait");
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

  /** Follows a call. Never refuses: the first words of a chat would be lost (docs/msnp.md 4.2). */
  ring(ring: Ring): void {
    if (!this.#calls.add(ring)) this.#refused.add();
  }

  /**
   * Leaves every switchboard, and those that are being opened. Resolves once all that were open are closed.
   * @returns false when others were still speaking on one that had to be closed
   */
  async leaveAll(): Promise<boolean> {
    this.#opener.giveUp();
    this.#calls.clear();
    for (const conversation of [...this.#direct.list(), ...this.#groups.list()]) conversation.leave();
    const ends = await Promise.all([...this.#boards.keys()].map((board) => board.leave()));
    return ends.every(Boolean);
  }

  follow(ring: Ring): void {
    this.#answer(ring).catch((error: unknown) => {
      this.#failed.add({ error });
      // Servers that are gone, and calls that have ended, are nobody's concern: who calls will call again.
      if (!(error instanceof MsnError) || !OWN_REFUSALS.has(error.code)) return;
      this.#listener.report({ type: "missed-call", account: accountKey(ring.caller), error });
    });
  }

  async openSwitchboard(owner: Conversation): Promise<Switchboard> {
    const ticket = await this.#opener.ticket();
    const board = await this.#connect(ticket.address);
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
      this.#ownerOf(board);
    } catch (error) {
      void board.leave();
      throw error;
    }
  }

  async #connect(address: Address, caller?: string): Promise<Switchboard> {
    if (this.#opener.isFull(this.#live())) this.#longestQuiet()?.leave();
    const board = await this.#opener.connect(address, this.#live(), this);
    this.#boards.set(board, { owner: undefined, caller });
    return board;
  }

  // Without those that are being left: they end within seconds.
  #live(): number {
    return [...this.#boards.keys()].filter((board) => !board.isClosed).length;
  }

  #longestQuiet(): Conversation | undefined {
    return [...this.#direct.list(), ...this.#groups.list()].find((conversation) => conversation.isQuiet);
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
    state.owner?.release(board);
    state.owner = owner;
    owner.adopt(board);
  }

  #reportJoin(group: Conversation, account: string, name: string): void {
    this.#listener.report({ type: "joined", group: group.id, account, name });
  }
}

const OWN_REFUSALS: ReadonlySet<MsnErrorCode> = new Set(["address-refused", "limited"]);

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
