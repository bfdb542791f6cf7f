import { randomUUID } from "node:crypto";
import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { ChunkBudget } from "./chunks.ts";
import { ConversationTable } from "./conversation-table.ts";
import { Conversation } from "./conversation.ts";
import { MsnError } from "../base/errors.ts";
import type { ChatEvent } from "./events.ts";
import { IncomingCalls } from "./incoming-calls.ts";
import type { Connection } from "../net/connection.ts";
import type { Address } from "../net/dial.ts";
import type { Ring, SwitchboardTicket } from "./ticket.ts";
import { accountKey } from "../base/account.ts";
import type { Switchboard, SwitchboardFactory, SwitchboardListener } from "./switchboard.ts";

export interface ConversationsOptions {
  readonly account: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: (address: Address) => Promise<Connection>;
  readonly requestSwitchboard: () => Promise<SwitchboardTicket>;
  readonly makeSwitchboard: SwitchboardFactory;
  readonly report: (event: ChatEvent) => void;
  /** A contact has left a switchboard that is no group's; quietly as in the event `left`. */
  readonly onPart: (contact: string, quietly: boolean) => void;
}

// A stranger can call as often as she likes; each call costs a connection.
const MAX_SWITCHBOARDS = 500;

/** A live switchboard and whose it is; until it is known who is on it, by whom we were called to it. */
interface BoardState {
  owner: Conversation | undefined;
  readonly caller: string | undefined;
}

/** The conversations of an account, and the switchboards under them. They outlive the session on the notification server. */
export class Conversations {
  readonly #options: ConversationsOptions;
  readonly #direct = new ConversationTable();
  readonly #groups = new ConversationTable();
  readonly #boards = new Map<Switchboard, BoardState>();
  readonly #calls: IncomingCalls;
  readonly #chunkBudget = new ChunkBudget();
  /** How many connections are being opened. */
  #opening = 0;
  /** How often everything was left; what was begun before the last time is not to be finished. */
  #leavings = 0;

  constructor(options: ConversationsOptions) {
    this.#options = options;
    this.#calls = new IncomingCalls({ clock: options.clock, follow: (ring) => this.#follow(ring) });
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
    if (!this.#calls.add(ring)) this.#options.log.warn("a call could not be followed, because too many wait");
  }

  /**
   * Leaves every switchboard, and those that are being opened. Resolves once all that were open are closed.
   * @returns false when others were still speaking on one that had to be closed
   */
  async leaveAll(): Promise<boolean> {
    this.#leavings += 1;
    this.#calls.clear();
    for (const conversation of [...this.#direct.list(), ...this.#groups.list()]) conversation.leave();
    const ends = await Promise.all([...this.#boards.keys()].map((board) => board.leave()));
    return ends.every(Boolean);
  }

  #make(kind: "direct" | "group", id: string, people: readonly string[]): Conversation {
    const { account: own, clock } = this.#options;
    const table = kind === "direct" ? this.#direct : this.#groups;
    const openSwitchboard = (owner: Conversation): Promise<Switchboard> => this.#open(owner);
    const onActivity = (active: Conversation): void => table.touch(active);
    const conversation = new Conversation({ own, kind, id, people, clock, openSwitchboard, onActivity });
    table.touch(conversation);
    return conversation;
  }

  #follow(ring: Ring): void {
    this.#answer(ring).catch((error: unknown) => {
      this.#options.log.warn({ error }, "a call could not be followed");
    });
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

  async #open(owner: Conversation): Promise<Switchboard> {
    const ticket = await this.#options.requestSwitchboard();
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

  async #connect(address: Address, caller?: string): Promise<Switchboard> {
    const { account, clock, log, makeSwitchboard } = this.#options;
    const connection = await this.#dial(address);
    const listener = this.#listener(() => board);
    const board = makeSwitchboard({ connection, account, clock, log, listener, chunkBudget: this.#chunkBudget });
    this.#boards.set(board, { owner: undefined, caller });
    return board;
  }

  async #dial(address: Address): Promise<Connection> {
    if (this.#boards.size + this.#opening >= MAX_SWITCHBOARDS)
      throw new MsnError("rejected", "too many conversations are open at once");
    const leavings = this.#leavings;
    this.#opening += 1;
    try {
      const connection = await this.#options.open(address);
      if (leavings === this.#leavings) return connection;
      const left = new MsnError("connection-closed", "every conversation was left meanwhile");
      connection.close(left);
      throw left;
    } finally {
      this.#opening -= 1;
    }
  }

  // Who was there when we came is known before anything is said; with more than one it is a group (docs/msnp.md 4.2).
  #ownerOf(board: Switchboard): Conversation | undefined {
    const state = this.#boards.get(board);
    if (state === undefined || state.owner !== undefined || state.caller === undefined) return state?.owner;
    if (board.members.size > 1) return this.#giveToGroup(board);
    // We may have called ourselves, from another program.
    const [other] = board.members.keys();
    const caller = accountKey(state.caller) === accountKey(this.#options.account) ? other : state.caller;
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

  #joined(board: Switchboard, account: string, name: string): void {
    this.#options.report({ type: "name", account, name });
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

  #closed(board: Switchboard): void {
    this.#boards.get(board)?.owner?.release(board);
    this.#boards.delete(board);
  }

  #reportJoin(group: Conversation, account: string, name: string): void {
    this.#options.report({ type: "joined", group: group.id, account, name });
  }

  #listener(board: () => Switchboard): SwitchboardListener {
    const { report, onPart } = this.#options;
    return {
      onJoin: (account, name) => this.#joined(board(), account, name),
      onLeave: (account, quietly) => {
        const owner = this.#boards.get(board())?.owner;
        if (owner?.kind === "group") report({ type: "left", group: owner.id, account, quietly });
        else onPart(account, quietly);
      },
      onContent: (account, name, content) => {
        const owner = this.#ownerOf(board());
        owner?.touch();
        report({ type: "content", account, name, content, group: owner?.kind === "group" ? owner.id : undefined });
      },
      onClose: () => this.#closed(board()),
    };
  }
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
