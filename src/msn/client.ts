import { EventEmitter } from "node:events";
import { systemClock, withTimeout, type Clock } from "../util/clock.ts";
import { silentLog, type Log } from "../util/log.ts";
import type { Conversation } from "./conversation.ts";
import { ContactList } from "./contact-list.ts";
import { Conversations } from "./conversations.ts";
import type { Status } from "./dialect/dialect.ts";
import { msnp8 } from "./dialect/msnp8.ts";
import { MsnError } from "./errors.ts";
import type { MsnEvent } from "./events.ts";
import { Connection } from "./net/connection.ts";
import { dialTcp, type Address, type Dial } from "./net/dial.ts";
import { NotificationClient, type SwitchboardTicket } from "./notification.ts";
import { SwitchboardClient, type SwitchboardFactory } from "./switchboard.ts";
import { passportLogin, PassportNexus, type Fetch } from "./passport.ts";
import {
  accountKey,
  EMPTY_ROSTER,
  foldRoster,
  isRequest,
  withoutPresence,
  type Roster,
  type RosterChange,
} from "./roster.ts";

/** Where one MSN network is. */
export interface MsnServer {
  readonly host: string;
  readonly port: number;
  /** The Passport nexus, which says where to log in. */
  readonly nexusUrl: string;
  /** Where to log in; the nexus is then not asked. */
  readonly loginUrl?: string | undefined;
}

export interface MsnClientOptions {
  readonly server: MsnServer;
  /** The e-mail address of the account, exactly as it was registered: servers compare its case (docs/msnp.md 1.4). */
  readonly account: string;
  readonly password: string;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly dial?: Dial;
  readonly fetch?: Fetch;
  /**
   * Waits until another switchboard may be asked for; servers refuse those who ask too often (docs/msnp.md 4.1).
   * False: it would take too long.
   */
  readonly paceSwitchboards?: () => Promise<boolean>;
  /** Makes switchboards; `SwitchboardClient` if not given. */
  readonly switchboardFactory?: SwitchboardFactory;
}

const LOGIN_TIMEOUT_MS = 60_000;

/**
 * One MSN account. Reports a single kind of event, `event`, with a `MsnEvent`.
 *
 *     const client = new MsnClient({ server, account, password });
 *     client.on("event", (event) => …);
 *     await client.connect();
 *     await client.conversation("nils@example.com").send({ type: "text", text: "Hello" });
 */
export class MsnClient extends EventEmitter<{ event: [MsnEvent] }> {
  readonly #options: MsnClientOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #dial: Dial;
  readonly #fetch: Fetch;
  readonly #nexus: PassportNexus;
  readonly #conversations: Conversations;
  /** The lists, groups and settings on the server. */
  readonly contacts: ContactList;
  #session: NotificationClient | undefined;
  #isConnected = false;
  #status: Status = "FLN";
  /** Where the server has sent us; good for one session. */
  #movedTo: Address | undefined;
  #roster = EMPTY_ROSTER;

  constructor(options: MsnClientOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#dial = options.dial ?? dialTcp;
    this.#fetch = options.fetch ?? fetch;
    this.#nexus = new PassportNexus(this.#fetch, options.server.nexusUrl, this.#clock);
    this.contacts = new ContactList({
      own: options.account,
      ask: async (name, args) => this.#signedIn().ask(name, args),
      roster: () => this.#roster,
    });
    this.#conversations = new Conversations({
      account: options.account,
      clock: this.#clock,
      log: this.#log,
      open: (address) => this.#open(address),
      requestSwitchboard: () => this.#requestSwitchboard(),
      makeSwitchboard: options.switchboardFactory ?? ((board) => new SwitchboardClient(board)),
      report: (event) => this.emit("event", event),
    });
  }

  get account(): string {
    return this.#options.account;
  }

  /** True from a successful `connect` until the session ends. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** When the server was last heard in this session, in milliseconds since the epoch. */
  get lastHeard(): number | undefined {
    return this.#session?.lastHeard;
  }

  /** What is known of the contacts. Presence is known only while connected. */
  get roster(): Roster {
    return this.#roster;
  }

  /**
   * Signs in and shows `status` to the contacts.
   * @throws MsnError; `isFinal` tells whether trying again can help
   */
  async connect(status: Status = "NLN"): Promise<void> {
    if (this.#session !== undefined) throw new MsnError("rejected", "the account is signed in already");
    const session = this.#newSession();
    this.#session = session;
    this.#roster = EMPTY_ROSTER;
    const late = new MsnError("timeout", "signing in took too long");
    try {
      await withTimeout(this.#clock, LOGIN_TIMEOUT_MS, session.signIn(status), () => late);
      this.#isConnected = true;
      for (const account of this.contacts.requests) this.#reportRequest(account);
    } catch (error) {
      this.#session = undefined;
      const ours =
        error instanceof MsnError
          ? error
          : new MsnError("protocol", "something unexpected happened while signing in", { cause: error });
      session.close(ours);
      throw ours;
    }
  }

  /** The status that contacts see; FLN while there is no session. */
  get status(): Status {
    return this.#isConnected ? this.#status : "FLN";
  }

  /** Shows contacts another status. @throws MsnError */
  async changeStatus(status: Status): Promise<void> {
    await this.#signedIn().changeStatus(status);
  }

  /**
   * Asks where a page of the mail service is, such as `INBOX` or `COMPOSE nils@example.com` (docs/msnp.md 3.8).
   * @returns the page, the URL of the form that opens it, and the id to send with it
   * @throws MsnError
   */
  async mailUrl(...page: string[]): Promise<{ page: string; formUrl: string; id: string }> {
    const { args } = await this.#signedIn().ask("URL", page);
    return { page: args[1] ?? "", formUrl: args[2] ?? "", id: args[3] ?? "" };
  }

  /** The conversation with a contact. It exists as long as the client, whatever happens to connections. */
  conversation(contact: string): Conversation {
    return this.#conversations.with(contact);
  }

  /**
   * Asks the server for a sign of life.
   * @returns how long it took, in milliseconds
   * @throws MsnError
   */
  async ping(): Promise<number> {
    const start = this.#clock.now();
    await this.#signedIn().ping();
    return this.#clock.now() - start;
  }

  /** A group conversation by its id, as events name it. */
  group(id: string): Conversation | undefined {
    return this.#conversations.group(id);
  }

  /** The group conversation of exactly these people, at least two; those who are not there are called when it says something. */
  groupOf(people: readonly string[]): Conversation {
    if (people.length < 2) throw new MsnError("rejected", "a group needs at least two others");
    return this.#conversations.groupOf(people);
  }

  /**
   * Leaves every conversation and signs out. No `closed` event follows; what contacts were saying at that moment is
   * still reported. Resolves once every conversation is closed.
   */
  async disconnect(): Promise<void> {
    const left = this.#conversations.leaveAll();
    const session = this.#session;
    this.#session = undefined;
    this.#isConnected = false;
    this.#roster = withoutPresence(this.#roster);
    session?.signOut();
    await left;
  }

  #newSession(): NotificationClient {
    const { account, server } = this.#options;
    const address = this.#movedTo ?? { host: server.host, port: server.port };
    this.#movedTo = undefined;
    const session: NotificationClient = new NotificationClient({
      account,
      address,
      dialect: msnp8,
      clock: this.#clock,
      log: this.#log,
      open: (target) => this.#open(target),
      ticket: (policy) => this.#ticket(policy),
      listener: {
        onRoster: (change) => this.#applyChange(change),
        onRing: (ring) => this.#conversations.ring(ring),
        onNotice: (notice) => this.emit("event", { type: "notice", notice }),
        onOwnStatus: (status) => void (this.#status = status),
        onMoved: (moved) => void (this.#movedTo = moved),
        onClose: (error) => this.#ended(session, error),
      },
    });
    return session;
  }

  #ended(session: NotificationClient, error: MsnError): void {
    if (this.#session !== session || !this.#isConnected) return;
    this.#session = undefined;
    this.#isConnected = false;
    this.#roster = withoutPresence(this.#roster);
    // Boards would go on working, but somebody else is this account now (docs/msnp.md 3.8).
    if (error.code === "signed-in-elsewhere") void this.#conversations.leaveAll();
    this.emit("event", { type: "closed", error });
  }

  #applyChange(change: RosterChange): void {
    this.#roster = foldRoster(this.#roster, change);
    if (change.type === "presence" || change.type === "offline") return this.#reportPresence(change.account);
    // While the lists come in, the roster as a whole is the news.
    if (!this.#isConnected) return;
    this.emit("event", { type: "roster", change });
    if (change.type === "listed" && change.list === "RL") this.#reportRequest(change.account);
  }

  #reportPresence(spelling: string): void {
    const account = accountKey(spelling);
    const contact = this.#roster.contacts.get(account);
    if (contact === undefined) return;
    this.emit("event", { type: "presence", account, status: contact.status, name: contact.name });
  }

  #reportRequest(spelling: string): void {
    const account = accountKey(spelling);
    const contact = this.#roster.contacts.get(account);
    if (contact !== undefined && isRequest(contact))
      this.emit("event", { type: "request", account, name: contact.name });
  }

  async #requestSwitchboard(): Promise<SwitchboardTicket> {
    if ((await this.#options.paceSwitchboards?.()) === false) {
      throw new MsnError("server-busy", "too many conversations are being opened at once");
    }
    return this.#signedIn().requestSwitchboard();
  }

  #signedIn(): NotificationClient {
    if (this.#session === undefined || !this.#isConnected)
      throw new MsnError("connection-closed", "not signed in to MSN");
    return this.#session;
  }

  async #open({ host, port }: Address): Promise<Connection> {
    const stream = await this.#dial(host, port);
    return new Connection({ stream, payloadLength: msnp8.payloadLength, clock: this.#clock, log: this.#log });
  }

  async #ticket(policy: string): Promise<string> {
    const { server, account, password } = this.#options;
    const loginUrl = server.loginUrl ?? (await this.#nexus.loginUrl());
    try {
      return await passportLogin(this.#fetch, loginUrl, { account, password, policy }, this.#clock);
    } catch (error) {
      if (!(error instanceof MsnError && error.code === "bad-credentials")) this.#nexus.forget();
      throw error;
    }
  }
}
