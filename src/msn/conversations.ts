import type { Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import { Conversation } from "./conversation.ts";
import { MsnError } from "./errors.ts";
import type { MsnEvent } from "./events.ts";
import type { Connection } from "./net/connection.ts";
import type { Address } from "./net/dial.ts";
import type { Ring, SwitchboardTicket } from "./notification.ts";
import { accountKey } from "./roster.ts";
import { SwitchboardClient, type SwitchboardListener } from "./switchboard.ts";

export interface ConversationsOptions {
  readonly account: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: (address: Address) => Promise<Connection>;
  readonly requestSwitchboard: () => Promise<SwitchboardTicket>;
  readonly report: (event: MsnEvent) => void;
}

// A stranger can call as often as she likes; each call costs a connection.
const MAX_SWITCHBOARDS = 500;

/** The conversations of an account, and the switchboards under them. They outlive the session on the notification server. */
export class Conversations {
  readonly #options: ConversationsOptions;
  readonly #conversations = new Map<string, Conversation>();
  readonly #boards = new Set<SwitchboardClient>();

  constructor(options: ConversationsOptions) {
    this.#options = options;
  }

  /** The conversation with a contact; made if there is none yet. */
  with(contact: string): Conversation {
    const key = accountKey(contact);
    const known = this.#conversations.get(key);
    if (known !== undefined) return known;
    const { account: own, clock } = this.#options;
    const conversation = new Conversation({ own, contact, clock, openSwitchboard: (owner) => this.#open(owner) });
    this.#conversations.set(key, conversation);
    return conversation;
  }

  /** Follows a call. Never refuses: the first words of a chat would be lost (docs/msnp.md 4.2). */
  ring(ring: Ring): void {
    this.#answer(ring).catch((error: unknown) => {
      this.#options.log.warn({ error }, "a call could not be followed");
    });
  }

  /** Leaves every switchboard. Resolves once all are closed. */
  async leaveAll(): Promise<void> {
    for (const conversation of this.#conversations.values()) conversation.leave();
    await Promise.all([...this.#boards].map((board) => board.leave()));
  }

  async #answer(ring: Ring): Promise<void> {
    const board = await this.#connect(ring.address);
    const conversation = this.with(ring.caller);
    try {
      await board.answer(ring.key, ring.session);
      conversation.adopt(board);
    } catch (error) {
      void board.leave();
      throw error;
    }
  }

  async #open(conversation: Conversation): Promise<SwitchboardClient> {
    const ticket = await this.#options.requestSwitchboard();
    const board = await this.#connect(ticket.address);
    try {
      await board.signIn(ticket.key);
    } catch (error) {
      void board.leave();
      throw error;
    }
    conversation.adopt(board);
    return board;
  }

  async #connect(address: Address): Promise<SwitchboardClient> {
    if (this.#boards.size >= MAX_SWITCHBOARDS)
      throw new MsnError("rejected", "too many conversations are open at once");
    const { account, clock, log, open } = this.#options;
    const connection = await open(address);
    const board = new SwitchboardClient({ connection, account, clock, log, listener: this.#listener(() => board) });
    this.#boards.add(board);
    return board;
  }

  #listener(board: () => SwitchboardClient): SwitchboardListener {
    const { report } = this.#options;
    return {
      onJoin: (account, name) => report({ type: "name", account, name }),
      onLeave: () => undefined,
      onContent: (account, name, content) => {
        this.#conversations.get(account)?.touch();
        report({ type: "content", account, name, content });
      },
      onClose: () => void this.#boards.delete(board()),
    };
  }
}
