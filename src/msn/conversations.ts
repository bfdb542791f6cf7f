import { randomUUID } from "node:crypto";
import type { Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import { Conversation } from "./conversation.ts";
import { MsnError } from "./errors.ts";
import type { MsnEvent } from "./events.ts";
import type { Connection } from "./net/connection.ts";
import type { Address } from "./net/dial.ts";
import type { Ring, SwitchboardTicket } from "./notification.ts";
import { accountKey } from "./roster.ts";
import type { Switchboard, SwitchboardFactory, SwitchboardListener } from "./switchboard.ts";

export interface ConversationsOptions {
  readonly account: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: (address: Address) => Promise<Connection>;
  readonly requestSwitchboard: () => Promise<SwitchboardTicket>;
  readonly makeSwitchboard: SwitchboardFactory;
  readonly report: (event: MsnEvent) => void;
}

// A stranger can call as often as she likes; each call costs a connection.
const MAX_SWITCHBOARDS = 500;

/** A live switchboard and whose it is; until it is known who is on it, by whom we were called to it. */
interface Seat {
  owner: Conversation | undefined;
  readonly caller: string | undefined;
}

/** The conversations of an account, and the switchboards under them. They outlive the session on the notification server. */
export class Conversations {
  readonly #options: ConversationsOptions;
  readonly #direct = new Map<string, Conversation>();
  readonly #groups = new Map<string, Conversation>();
  readonly #seats = new Map<Switchboard, Seat>();

  constructor(options: ConversationsOptions) {
    this.#options = options;
  }

  /** The direct conversation with a contact; made if there is none yet. */
  with(contact: string): Conversation {
    const id = accountKey(contact);
    const known = this.#direct.get(id);
    if (known !== undefined) return known;
    const conversation = this.#make("direct", id, [contact]);
    this.#direct.set(id, conversation);
    return conversation;
  }

  /** A group by its id. */
  group(id: string): Conversation | undefined {
    return this.#groups.get(id);
  }

  /** The group whose largest set of people is exactly this one; made if there is none yet. */
  groupOf(people: Iterable<string>): Conversation {
    const wanted = new Set([...people].map(accountKey));
    const known = [...this.#groups.values()].find((group) => isSame(group.people, wanted));
    if (known !== undefined) return known;
    const group = this.#make("group", randomUUID(), [...wanted]);
    this.#groups.set(group.id, group);
    return group;
  }

  /** Follows a call. Never refuses: the first words of a chat would be lost (docs/msnp.md 4.2). */
  ring(ring: Ring): void {
    this.#answer(ring).catch((error: unknown) => {
      this.#options.log.warn({ error }, "a call could not be followed");
    });
  }

  /** Leaves every switchboard. Resolves once all are closed. */
  async leaveAll(): Promise<void> {
    for (const conversation of [...this.#direct.values(), ...this.#groups.values()]) conversation.leave();
    await Promise.all([...this.#seats.keys()].map((board) => board.leave()));
  }

  #make(kind: "direct" | "group", id: string, people: readonly string[]): Conversation {
    const { account: own, clock } = this.#options;
    return new Conversation({ own, kind, id, people, clock, openSwitchboard: (owner) => this.#open(owner) });
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
    if (this.#seats.size >= MAX_SWITCHBOARDS) throw new MsnError("rejected", "too many conversations are open at once");
    const { account, clock, log, open, makeSwitchboard } = this.#options;
    const connection = await open(address);
    const board = makeSwitchboard({ connection, account, clock, log, listener: this.#listener(() => board) });
    this.#seats.set(board, { owner: undefined, caller });
    return board;
  }

  // Who was there when we came is known before anything is said; with more than one it is a group (docs/msnp.md 4.2).
  #ownerOf(board: Switchboard): Conversation | undefined {
    const seat = this.#seats.get(board);
    if (seat === undefined || seat.owner !== undefined || seat.caller === undefined) return seat?.owner;
    const owner = board.members.size > 1 ? this.groupOf(board.members.keys()) : this.with(seat.caller);
    this.#give(board, owner);
    return owner;
  }

  #give(board: Switchboard, owner: Conversation): void {
    const seat = this.#seats.get(board);
    if (seat === undefined) return;
    seat.owner?.release(board);
    seat.owner = owner;
    owner.adopt(board);
  }

  #joined(board: Switchboard, account: string, name: string): void {
    this.#options.report({ type: "name", account, name });
    let owner = this.#seats.get(board)?.owner;
    // A third person: the board goes to the group of exactly these people (docs/msnp.md 4.3).
    if (owner?.kind === "direct" && board.members.size > 1) {
      owner = this.groupOf(board.members.keys());
      this.#give(board, owner);
      for (const [member, known] of board.members) this.#reportJoin(owner, member, known);
    } else if (owner?.kind === "group") {
      owner.noteMembers(board);
      this.#reportJoin(owner, account, name);
    }
  }

  #reportJoin(group: Conversation, account: string, name: string): void {
    this.#options.report({ type: "joined", group: group.id, account, name });
  }

  #listener(board: () => Switchboard): SwitchboardListener {
    const { report } = this.#options;
    return {
      onJoin: (account, name) => this.#joined(board(), account, name),
      onLeave: (account) => {
        const owner = this.#seats.get(board())?.owner;
        if (owner?.kind === "group") report({ type: "left", group: owner.id, account });
      },
      onContent: (account, name, content) => {
        const owner = this.#ownerOf(board());
        owner?.touch();
        report({ type: "content", account, name, content, group: owner?.kind === "group" ? owner.id : undefined });
      },
      onClose: () => void this.#seats.delete(board()),
    };
  }
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
