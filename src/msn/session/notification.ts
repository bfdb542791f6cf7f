import type { Ring, SwitchboardTicket } from "../chat/ticket.ts";
import { withTimeout, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { STATUSES, type Status } from "../dialect/status.ts";
import { findNotificationServer } from "./dispatch.ts";
import { MsnError } from "../base/errors.ts";
import { authenticate } from "./handshake.ts";
import { Keepalive } from "./keepalive.ts";
import { SyncEnd } from "./sync-end.ts";
import type { Connection, ConnectionListener } from "../net/connection.ts";
import { parseAddress, type Address } from "../net/dial.ts";
import { OwnAccountFilter } from "./own-account.ts";
import { ServerMessages, type ServerEvent } from "./server-messages.ts";
import { RateLimit } from "../base/rate-limit.ts";
import type { RosterChange } from "../dialect/roster-change.ts";
import { keptKey } from "../base/clamp.ts";
import type { Command } from "../wire/command.ts";

/** What the session on a notification server reports. */
interface NotificationListener {
  onRoster(change: RosterChange): void;
  onRing(ring: Ring): void;
  /** The server, or somebody through it, says something. */
  onEvent(event: ServerEvent): void;
  /** The status that contacts see was set. */
  onOwnStatus(status: Status): void;
  /** The next session has to be begun at another server. */
  onMoved(address: Address): void;
  /** Called once, when the session has ended. */
  onClose(error: MsnError): void;
}

export interface NotificationOptions {
  readonly account: string;
  readonly address: Address;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly log: Log;
  /** Opens a connection to a server. */
  readonly open: (address: Address) => Promise<Connection>;
  /** Gets a ticket for a policy. */
  readonly ticket: (policy: string) => Promise<string>;
  readonly listener: NotificationListener;
}

const PING_TIMEOUT_MS = 30_000;
// Honest servers ask once in a while; each answer costs us work and memory (docs/msnp.md 3.7).
const CHALLENGES = { most: 10, spanMs: 10_000 };

const LIST_COMMANDS: ReadonlySet<string> = new Set(["GTC", "BLP", "PRP", "LSG", "LST", "BPR"]);

/** The session of one account on its notification server: signing in, lists, presence, calls, signing out. */
export class NotificationClient implements ConnectionListener {
  readonly #options: NotificationOptions;
  readonly #keepalive: Keepalive;
  readonly #challenges: RateLimit;
  readonly #filter: OwnAccountFilter;
  readonly #messages: ServerMessages;
  #connection: Connection | undefined;
  #closed: MsnError | undefined;
  /** What an OUT of the server said; the connection's own end would say less. */
  #endReason: MsnError | undefined;
  readonly #listEnd: SyncEnd;
  #listsEnded = false;

  constructor(options: NotificationOptions) {
    this.#options = options;
    this.#keepalive = new Keepalive(options.clock);
    this.#challenges = new RateLimit({ ...CHALLENGES, clock: options.clock });
    this.#filter = new OwnAccountFilter(options.account);
    this.#messages = new ServerMessages({ ...options, report: (event) => options.listener.onEvent(event) });
    this.#listEnd = new SyncEnd(options.clock);
  }

  /**
   * Signs in, loads the lists and shows `status` to the contacts (docs/msnp.md 2 and 3.1).
   * @returns the account's own display name, where the server sends it
   * @throws MsnError
   */
  async signIn(status: Status): Promise<string | undefined> {
    const { account, address, dialect, open, ticket } = this.#options;
    const onOpen = (connection: Connection): void => this.#adopt(connection);
    const { connection, answer } = await findNotificationServer({
      address,
      account,
      dialect,
      open,
      listener: this,
      onOpen,
    });
    const name =
      answer.type === "signed-in" ? answer.name : await authenticate(connection, dialect, await ticket(answer.policy));
    await this.#synchronise(connection);
    await this.changeStatus(status);
    // The session may have ended behind the last answer, in the same packet.
    this.#keepalive.start(this.#live());
    return name;
  }

  /** @throws MsnError */
  async changeStatus(status: Status): Promise<void> {
    // Without the capabilities today's servers never answer (docs/msnp.md 3.5).
    const args = [status, String(this.#options.dialect.capabilities)];
    await this.#live().request("CHG", args, { onAnswer: (answer) => this.#statusSet(answer) });
  }

  /** Asks for something; what the answer says of contacts has been reported when this resolves. @throws MsnError */
  async ask(name: string, args: readonly string[]): Promise<Command> {
    return this.#live().request(name, args, { onAnswer: (answer) => void this.#fold(answer) });
  }

  /** When the server was last heard, in milliseconds since the epoch. */
  get lastHeard(): number | undefined {
    return this.#connection?.lastHeard;
  }

  /** Asks for a new switchboard. @throws MsnError */
  async requestSwitchboard(): Promise<SwitchboardTicket> {
    // XFR t SB host:port CKI key
    const { args } = await this.#live().request("XFR", ["SB"]);
    return readTicket(args[2], args[4]);
  }

  /** Waits for a sign of life. @throws MsnError `timeout`, or why the session has ended */
  async ping(): Promise<void> {
    const connection = this.#live();
    const pong = Promise.withResolvers<void>();
    this.#keepalive.ping(connection, pong.resolve);
    const late = new MsnError("timeout", "the server did not answer PNG in time");
    await withTimeout(this.#options.clock, PING_TIMEOUT_MS, pong.promise, () => late);
    this.#live();
  }

  /** Signs out and closes the connection. */
  signOut(): void {
    this.#connection?.send("OUT");
    this.close(new MsnError("connection-closed", "signed out"));
  }

  /** Ends the session. Whoever waits on it is told `reason`. */
  close(reason: MsnError): void {
    this.#connection?.close(reason);
    // The connection may be that of a server that has referred us, and has ended long ago.
    this.onClose(reason);
  }

  onCommand(command: Command): void {
    if (LIST_COMMANDS.has(command.name)) this.#listEnd.line();
    if (this.#fold(command)) return;
    switch (command.name) {
      case "QNG":
        this.#keepalive.pong();
        return;
      case "CHL":
        this.#answerChallenge(command);
        return;
      case "RNG":
        this.#ring(command);
        return;
      case "MSG":
        this.#messages.take(command);
        return;
      case "NOT":
      case "IPG":
        this.#messages.alert(command);
        return;
      case "CHG":
        this.#statusSet(command);
        return;
      case "XFR":
        this.#moved(command);
        return;
      case "OUT":
        this.#endReason = readEndReason(command.args[0]);
        this.#connection?.close(this.#endReason);
        return;
      default:
        // Servers say more than clients of this dialect need; unknown commands are legal (docs/msnp.md 1.2).
        this.#options.log.debug({ command: command.name }, "skipped a command of the notification server");
    }
  }

  onClose(error: MsnError): void {
    if (this.#closed !== undefined) return;
    this.#closed = this.#endReason ?? error;
    this.#keepalive.stop();
    this.#listEnd.found();
    this.#options.listener.onClose(this.#closed);
  }

  #adopt(connection: Connection): void {
    this.#connection = connection;
    // Given up while the connection was being opened.
    if (this.#closed !== undefined) connection.close(this.#closed);
  }

  #live(): Connection {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#connection === undefined) throw new MsnError("connection-closed", "not signed in");
    return this.#connection;
  }

  async #synchronise(connection: Connection): Promise<void> {
    const lists = this.ask("SYN", ["0"]);
    this.#keepalive.ping(connection, () => {
      this.#listsEnded = true;
      this.#listEnd.found();
    });
    await lists;
    // With no contacts and a quick server the end may have come with the answer.
    if (!this.#listsEnded) await this.#listEnd.wait();
    this.#live();
  }

  /** Whether it said something about contacts. */
  #fold(command: Command): boolean {
    const change = this.#options.dialect.readRoster(command);
    if (change !== undefined && this.#filter.passes(change)) this.#options.listener.onRoster(change);
    return change !== undefined;
  }

  // CHG t status; without our asking when another client of the account, or an operator, has set it
  #statusSet({ args }: Command): void {
    const status = STATUSES.find((known) => known === args[1]?.toUpperCase());
    if (status !== undefined) this.#options.listener.onOwnStatus(status);
  }

  // XFR 0 NS host:port without our asking: the session goes on at another server (docs/msnp.md 3.8)
  #moved({ args }: Command): void {
    const address = args[1] === "NS" && args[2] !== undefined ? parseAddress(args[2]) : undefined;
    if (address === undefined) return;
    this.#options.listener.onMoved(address);
    this.#endReason = new MsnError("connection-closed", "the server sent us to another one");
    this.#connection?.close(this.#endReason);
  }

  // CHL 0 challenge; the 0 may be missing (docs/msnp.md 3.7)
  #answerChallenge({ args }: Command): void {
    if (!this.#challenges.take()) throw new MsnError("protocol", "the server sends challenges without end");
    const { productId, response } = this.#options.dialect.answerChallenge(args.at(-1) ?? "");
    this.#connection?.request("QRY", [productId], { payload: response }).catch((error: unknown) => {
      this.#options.log.debug({ error }, "the answer to a challenge was not acknowledged");
    });
  }

  // RNG session host:port CKI key caller name
  #ring({ args }: Command): void {
    const [session, address, , key, caller] = args;
    try {
      if (!session || !caller) throw new MsnError("protocol", "a call without a session or a caller");
      this.#options.listener.onRing({ ...readTicket(address, key), session, caller: keptKey(caller) });
    } catch (error) {
      this.#options.log.warn({ error }, "skipped a call that cannot be understood");
    }
  }
}

function readTicket(target: string | undefined, key: string | undefined): SwitchboardTicket {
  const address = target === undefined ? undefined : parseAddress(target);
  if (address === undefined || !key)
    throw new MsnError("protocol", "the server named a switchboard that cannot be understood");
  return { address, key };
}

function readEndReason(reason: string | undefined): MsnError {
  switch (reason) {
    case "OTH":
      return new MsnError("signed-in-elsewhere", "the account signed in somewhere else");
    case "SSD":
      return new MsnError("server-busy", "the server is going down");
    default:
      return new MsnError("connection-closed", "the server ended the session");
  }
}
