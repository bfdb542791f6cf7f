import { EventEmitter } from "node:events";
import { systemClock } from "../util/clock.ts";
import { Destinations } from "../util/destinations.ts";
import { accountKey } from "./base/account.ts";
import { MsnError } from "./base/errors.ts";
import type { MsnScope } from "./base/scope.ts";
import { NO_LOG } from "./base/log.ts";
import { BoardOpener } from "./chat/board-opener.ts";
import { MAX_MEMBERS } from "./chat/board-members.ts";
import type { Conversation } from "./chat/conversation.ts";
import { Conversations } from "./chat/conversations.ts";
import { SwitchboardClient, type Switchboard, type SwitchboardOptions } from "./chat/switchboard.ts";
import { ClientEvents } from "./client-events.ts";
import type { MsnClientOptions } from "./client-options.ts";
import { ContactList } from "./contacts/contact-list.ts";
import { RosterKeeper } from "./contacts/roster-keeper.ts";
import type { Roster } from "./contacts/roster.ts";
import type { Dialect, MailPage } from "./dialect/dialect.ts";
import { msnp8 } from "./dialect/msnp8.ts";
import type { Status } from "./base/status.ts";
import type { MsnEvent } from "./events.ts";
import { ConnectionOpener } from "./net/connection-opener.ts";
import { dialTcp } from "./net/dial.ts";
import { fetchHead } from "./net/fetch.ts";
import { CallLimit, guardDial, limitDial } from "./net/guarded.ts";
import type { FlowControl } from "./net/flow-control.ts";
import { ReadingTurns } from "./net/reading-turns.ts";
import { AccountSession } from "./session/account-session.ts";
import { Tickets } from "./session/tickets.ts";
import type { FileSend, FileSource } from "./transfer/file-send.ts";
import { Transfers } from "./transfer/transfers.ts";

/**
 * One MSN account. Reports one kind of event, `event`, with a `MsnEvent`, to the listener in its options and to those who
 * subscribe. What a listener throws ends nothing here: it becomes an uncaught exception. Everything else that is thrown is
 * `MsnError`.
 *     const client = new MsnClient({ server, account, password });
 *     client.on("event", (event) => …);
 *     await client.connect();
 *     await client.conversation("nils@example.com").send({ type: "text", text: "Hello" });
 */
export class MsnClient extends EventEmitter<{ event: [MsnEvent] }> {
  readonly #scope: MsnScope;
  readonly #dialect: Dialect;
  readonly #opener: ConnectionOpener;
  readonly #roster: RosterKeeper;
  readonly #session: AccountSession;
  readonly #conversations: Conversations;
  /** Undefined where no files are carried. */
  readonly #transfers: Transfers | undefined;
  /** The lists, groups and settings on the server. */
  readonly contacts: ContactList;

  constructor(options: MsnClientOptions) {
    super();
    const { account, password, server, files, dialect = msnp8, dial = dialTcp, lookup } = options;
    const scope: MsnScope = { account, clock: options.clock ?? systemClock, log: options.log ?? NO_LOG };
    const calls = new CallLimit(scope);
    const destinations = new Destinations(server, { ...server, lookup });
    const events = new ClientEvents(this, options.listener);
    const turns = options.readingTurns ?? new ReadingTurns();
    const opener = new ConnectionOpener(scope, guardDial(dial, destinations), dialect.payloadCommands, turns, calls);
    const tickets = new Tickets(scope, password, server, { fetch: options.fetch ?? fetchHead, calls, lookup });
    const roster = new RosterKeeper(events);
    const session = { ...scope, dialect, opener, tickets, roster, listener: events };
    this.#scope = scope;
    this.#dialect = dialect;
    this.#opener = opener;
    this.#roster = roster;
    this.#session = new AccountSession(session, server, options.switchboardPace);
    this.contacts = new ContactList(account, dialect, this.#session, roster);
    const boards = new BoardOpener(scope, opener, this.#session, options.switchboardFactory ?? newSwitchboard);
    this.#conversations = new Conversations(scope, boards, events, {
      acquaintances: roster,
      readingClock: opener.flow.clock,
    });
    // Where contacts may have us connect is for the rules of files to say (transfer/address-rules).
    const fileScope = { ...scope, dial: limitDial(dial, calls) };
    this.#transfers = files && new Transfers(fileScope, files, this.#conversations, roster, events);
    events.connect(this.#conversations, this.#transfers);
  }

  get account(): string {
    return this.#scope.account;
  }

  /** The display name that contacts see; undefined until the server has told it, which not all servers do. */
  get name(): string | undefined {
    return this.#session.name;
  }

  /** True from a successful `connect` until the session ends. */
  get isConnected(): boolean {
    return this.#session.isConnected;
  }

  /** When the server was last heard in this session; a moment of the clock. */
  get lastHeard(): number | undefined {
    return this.#session.lastHeard;
  }

  /** Pauses reading from the servers. Time-outs of what they would have to say stand still meanwhile. */
  get flow(): FlowControl {
    return this.#opener.flow;
  }

  /** What is known of the contacts. Presence is known only while connected. */
  get roster(): Roster {
    return this.#roster.roster;
  }

  /**
   * Signs in and shows `status` to the contacts. `disconnect` and the signal end it at once, whatever is silent, and
   * nothing more is sent then.
   * @throws MsnError; `isFinal` tells whether trying again can help
   */
  async connect(status: Status = "NLN", signal?: AbortSignal): Promise<void> {
    await this.#session.connect(status, signal);
  }

  /** The status that contacts see; FLN while there is no session. */
  get status(): Status {
    return this.#session.status;
  }

  /** Shows contacts another status. @throws MsnError */
  async changeStatus(status: Status): Promise<void> {
    await this.#session.changeStatus(status);
  }

  /**
   * Asks where a page of the mail service is, such as `INBOX` or `COMPOSE nils@example.com` (docs/msnp.md 3.8).
   * @throws MsnError
   */
  async mailUrl(...page: string[]): Promise<MailPage> {
    return this.#session.ask(this.#dialect.mailPage(page));
  }

  /** The conversation with a contact, always the same one whatever happens to connections. */
  conversation(contact: string): Conversation {
    return this.#conversations.with(contact);
  }

  /** Offers a file to a contact. @throws MsnError `rejected` where no files are carried, and for a size that is none */
  sendFile(contact: string, file: FileSource): FileSend {
    if (this.#transfers === undefined) throw new MsnError("rejected", "this client does not carry files");
    return this.#transfers.offer(contact, file);
  }

  /** Measures how long the server takes to answer, in milliseconds. @throws MsnError */
  async ping(): Promise<number> {
    const { clock } = this.#scope;
    const start = clock.now();
    await this.#session.ping();
    return clock.now() - start;
  }

  /** A group conversation by its id, as events name it; one that nobody uses is forgotten after a thousand others. */
  group(id: string): Conversation | undefined {
    return this.#conversations.group(id);
  }

  /**
   * The group conversation of exactly these people; those who are not there are called when it says something.
   * @throws MsnError `rejected` for fewer than two others or more than a switchboard may have
   */
  groupOf(people: readonly string[]): Conversation {
    const others = new Set(people.map(accountKey));
    others.delete(accountKey(this.account));
    if (others.size < 2) throw new MsnError("rejected", "a group needs at least two others");
    if (others.size > MAX_MEMBERS) throw new MsnError("rejected", `a group may have ${MAX_MEMBERS} others at most`);
    return this.#conversations.groupOf(others);
  }

  /**
   * Gives up all files, leaves every conversation and signs out; resolves once all are closed. No `closed` event follows.
   * @returns false when contacts were still speaking in one that had to be closed; what they said is reported
   */
  async disconnect(): Promise<boolean> {
    this.#transfers?.cancelAll();
    const left = this.#conversations.leaveAll();
    this.flow.resume();
    this.#session.disconnect();
    return left;
  }
}

function newSwitchboard(options: SwitchboardOptions): Switchboard {
  return new SwitchboardClient(options);
}
