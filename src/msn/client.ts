import { EventEmitter } from "node:events";
import { systemClock, withTimeout, type Clock } from "../util/clock.ts";
import { callListeners } from "../util/listeners.ts";
import { silentLog, type Log } from "../util/log.ts";
import { untilAborted } from "../util/until-aborted.ts";
import type { MsnClientOptions } from "./client-options.ts";
import type { Conversation } from "./chat/conversation.ts";
import { ContactList } from "./contacts/contact-list.ts";
import { Conversations } from "./chat/conversations.ts";
import type { Status } from "./dialect/status.ts";
import { msnp8 } from "./dialect/msnp8.ts";
import { CALLED_OFF, MsnError, whyNotSignedIn } from "./base/errors.ts";
import type { ChatEvent } from "./chat/events.ts";
import type { NoticeEvent } from "./session/server-messages.ts";
import type { MsnEvent } from "./events.ts";
import { Connection } from "./net/connection.ts";
import { Intake } from "./net/intake.ts";
import { dialInTime, dialTcp, type Address, type Dial } from "./net/dial.ts";
import { NotificationClient } from "./session/notification.ts";
import type { SwitchboardTicket } from "./chat/ticket.ts";
import { MAX_MEMBERS, SwitchboardClient } from "./chat/switchboard.ts";
import { Tickets } from "./session/tickets.ts";
import type { FileOptions } from "./transfer/file-options.ts";
import type { FileSend, FileSource } from "./transfer/file-send.ts";
import { Transfers } from "./transfer/transfers.ts";
import type { Roster } from "./contacts/roster.ts";
import { accountKey } from "./base/account.ts";
import { RosterKeeper } from "./contacts/roster-keeper.ts";

const [LOGIN_TIMEOUT_MS, PACE_TIMEOUT_MS] = [60_000, 3 * 60_000] as const;

/**
 * One MSN account. Reports one kind of event, `event`, with a `MsnEvent`. What a listener throws ends nothing here: it becomes
 * an uncaught exception. Everything else that is thrown is `MsnError`.
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
  readonly #tickets: Tickets;
  readonly #conversations: Conversations;
  /** Undefined where no files are carried. */
  readonly #transfers: Transfers | undefined;
  /** The lists, groups and settings on the server. */
  readonly contacts: ContactList;
  /** Pauses reading from the servers, for a few seconds: what is not answered for longer counts as failed. */
  readonly intake = new Intake();
  #session: NotificationClient | undefined;
  #isConnected = false;
  /** Ends the signing in that is under way. */
  #calledOff = new AbortController();
  #status: Status = "FLN";
  #name: string | undefined;
  /** Where the server has sent us; good for one session. */
  #movedTo: Address | undefined;
  readonly #roster = new RosterKeeper((event) => this.#report(event));
  /** Gives up what is being opened. */
  #leaving = new AbortController();

  constructor(options: MsnClientOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#dial = options.dial ?? dialTcp;
    const { account, password, server } = options;
    const { nexusUrl, loginUrl } = server;
    const service = { nexusUrl, loginUrl, fetch: options.fetch ?? fetch, clock: this.#clock };
    this.#tickets = new Tickets({ account, password, ...service });
    this.contacts = new ContactList({
      own: account,
      dialect: msnp8,
      ask: async (name, args) => this.#signedIn().ask(name, args),
      roster: () => this.#roster.roster,
      onRename: (name) => void (this.#name = name),
      onChange: (change) => this.#roster.apply(change),
    });
    this.#conversations = new Conversations({
      account,
      clock: this.#clock,
      log: this.#log,
      open: (address) => this.#open(address),
      requestSwitchboard: () => this.#requestSwitchboard(),
      makeSwitchboard: options.switchboardFactory ?? ((board) => new SwitchboardClient(board)),
      report: (event) => this.#hear(event),
      onPart: (contact, quietly) => this.#transfers?.left(contact, quietly),
    });
    this.#transfers = options.files && this.#newTransfers(options.files);
  }

  get account(): string {
    return this.#options.account;
  }

  /** The display name that contacts see; undefined until the server has told it, which not all servers do. */
  get name(): string | undefined {
    return this.#name;
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
    return this.#roster.roster;
  }

  /**
   * Signs in and shows `status` to the contacts. `disconnect` and the signal end it at once, whatever is silent, and
   * nothing more is sent then.
   * @throws MsnError; `isFinal` tells whether trying again can help
   */
  async connect(status: Status = "NLN", signal?: AbortSignal): Promise<void> {
    if (this.#session !== undefined) throw new MsnError("rejected", "the account is signed in already");
    const called = (this.#calledOff = new AbortController());
    const ended = signal === undefined ? called.signal : AbortSignal.any([called.signal, signal]);
    const session = this.#newSession(ended);
    this.#session = session;
    this.#roster.begin();
    const late = new MsnError("timeout", "signing in took too long");
    try {
      const signingIn = untilAborted(session.signIn(status), ended);
      this.#name = (await withTimeout(this.#clock, LOGIN_TIMEOUT_MS, signingIn, () => late)) ?? this.#name;
      this.#isConnected = true;
      this.#roster.complete();
    } catch (error) {
      if (this.#session === session) this.#session = undefined;
      const ours = error instanceof MsnError ? error : whyNotSignedIn(error, ended);
      called.abort(ours);
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
   * @returns the page, the URL of the form that opens it, and the id to send with it. @throws MsnError
   */
  async mailUrl(...page: string[]): Promise<{ page: string; formUrl: string; id: string }> {
    const { args } = await this.#signedIn().ask("URL", page);
    return { page: args[1] ?? "", formUrl: args[2] ?? "", id: args[3] ?? "" };
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
    const start = this.#clock.now();
    await this.#signedIn().ping();
    return this.#clock.now() - start;
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
    const left = this.#leaveAll();
    this.intake.resume();
    const session = this.#session;
    const isConnected = this.#isConnected;
    this.#session = undefined;
    this.#isConnected = false;
    this.#roster.end();
    this.#calledOff.abort(CALLED_OFF);
    if (isConnected) session?.signOut();
    else session?.close(CALLED_OFF);
    return left;
  }

  async #leaveAll(): Promise<boolean> {
    this.#leaving.abort();
    this.#leaving = new AbortController();
    return this.#conversations.leaveAll();
  }

  #newTransfers(files: FileOptions): Transfers {
    const shared = { account: this.account, clock: this.#clock, log: this.#log, dial: this.#dial, files };
    return new Transfers({
      ...shared,
      report: (event) => this.#report(event),
      isPresent: (contact) => this.#conversations.isWith(contact),
      presenceOf: (contact) => this.#roster.presenceOf(contact),
      say: (contact, invitation, onWrite) =>
        this.conversation(contact).send({ type: "invitation", invitation }, onWrite),
      mention: (contact, invitation) => this.conversation(contact).mention({ type: "invitation", invitation }),
    });
  }

  #newSession(ended: AbortSignal): NotificationClient {
    const { account, server } = this.#options;
    const address = this.#movedTo ?? { host: server.host, port: server.port };
    this.#movedTo = undefined;
    const session: NotificationClient = new NotificationClient({
      account,
      address,
      dialect: msnp8,
      clock: this.#clock,
      log: this.#log,
      open: (target) => this.#open(target, ended),
      ticket: (policy) => this.#tickets.get(policy, ended),
      listener: {
        onRoster: (change) => this.#roster.apply(change),
        onRing: (ring) => this.#conversations.ring(ring),
        onEvent: (event) => this.#hear(event),
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
    this.#roster.end();
    // Boards would go on working, but somebody else is this account now (docs/msnp.md 3.8).
    if (error.code === "signed-in-elsewhere") void this.#leaveAll();
    this.#report({ type: "closed", error });
  }

  #hear(event: ChatEvent | NoticeEvent): void {
    if (event.type === "notice" || this.#transfers?.take(event) !== true) this.#report(event);
  }

  #report(event: MsnEvent): void {
    callListeners(this.rawListeners("event"), this, event);
    if (event.type === "presence" && event.status === "FLN") this.#transfers?.wentOffline(event.account);
  }

  async #requestSwitchboard(): Promise<SwitchboardTicket> {
    const late = new MsnError("server-busy", "too many conversations are being opened at once");
    const pace = this.#options.paceSwitchboards;
    // Nobody waits for a turn that would be of no use.
    this.#signedIn();
    const turn = pace?.(this.#leaving.signal);
    if (turn !== undefined && !(await withTimeout(this.#clock, PACE_TIMEOUT_MS, turn, () => late))) throw late;
    return this.#signedIn().requestSwitchboard();
  }

  #signedIn(): NotificationClient {
    if (this.#session === undefined || !this.#isConnected)
      throw new MsnError("connection-closed", "not signed in to MSN");
    return this.#session;
  }

  async #open(address: Address, ended = this.#leaving.signal): Promise<Connection> {
    const stream = await dialInTime(this.#dial, address, this.#clock, ended);
    const options = { stream, payloadCommands: msnp8.payloadCommands, clock: this.#clock, log: this.#log };
    return this.intake.add(new Connection(options));
  }
}
