import { systemClock, type Clock } from "../util/clock.ts";
import { silentLog, type Log } from "../util/log.ts";
import { putOnList } from "./accounts.ts";
import { ScriptedContact } from "./contact.ts";
import { randomHex } from "./keys.ts";
import { HOST, Listener } from "./listener.ts";
import { MOODS, type Mood, type MoodName, type Rates } from "./mood.ts";
import { Network, type Stall } from "./network.ts";
import { NotificationSession } from "./notification.ts";
import { Passport, type Tls } from "./passport.ts";
import { SwitchboardSession } from "./switchboard.ts";

export { ScriptedContact } from "./contact.ts";
export type { ReceivedText } from "./received-text.ts";

export interface SandboxAccount {
  passport: string;
  password: string;
  name?: string;
}

export interface SandboxOptions {
  accounts?: SandboxAccount[];
  /** Which servers the sandbox behaves as: those people run today (the default), or the official ones. */
  mood?: MoodName;
  /** How often switchboards and statuses may be asked for; without it, as often as one likes. */
  rates?: Rates;
  /** How long nothing may happen on a switchboard, in milliseconds; without it, what the mood says. */
  idleBoardMs?: number;
  log?: Log;
  clock?: Clock;
  /** Key and certificate of the Passport service, which is without https if not given. */
  tls?: Tls;
  /** 0, the default, takes a free port. */
  ports?: { notification?: number; switchboard?: number; http?: number };
}

interface Parts {
  readonly network: Network;
  readonly listeners: readonly { close(): Promise<void> }[];
  readonly entrance: Listener;
  readonly switchboards: Listener;
  readonly passport: Passport;
  readonly sessions: ReadonlySet<NotificationSession>;
}

/** A small MSN server in this process, on the loopback, that behaves as real MSNP8 servers do. */
export class Sandbox {
  readonly host = HOST;
  /** Where clients connect first. */
  readonly port: number;
  readonly nexusUrl: string;
  readonly loginUrl: string;
  readonly #parts: Parts;
  readonly #contacts = new Map<string, ScriptedContact>();

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.port = parts.entrance.port;
    this.nexusUrl = parts.passport.nexusUrl;
    this.loginUrl = parts.passport.loginUrl;
  }

  /** @throws Error when a port is taken, or an account is given twice or has no e-mail address */
  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const { accounts = [], log = silentLog, clock = systemClock } = options;
    const network = new Network({ clock, log, mood: moodFor(options) });
    for (const account of accounts) addAccount(network, account);
    return new Sandbox(await openParts(network, options));
  }

  addAccount(account: SandboxAccount): void {
    addAccount(this.#parts.network, account);
  }

  /**
   * Puts `friend` on `owner`'s FL and AL, and `owner` on the RL of `friend`, who is told if she is signed in; both ways
   * if `mutual`. `owner` herself learns of it with her next SYN.
   * @throws Error when there is no such account
   */
  befriend(owner: string, friend: string, mutual = false): void {
    const { network } = this.#parts;
    const [one, other] = [network.accounts.get(owner), network.accounts.get(friend)];
    network.follow(one, other);
    network.changeVisibility(one, () => putOnList(one, other, "AL"));
    one.listVersion += 1;
    if (mutual) this.befriend(friend, owner);
  }

  /**
   * A scripted contact, signed in and online. The account is made when there is none; asking for the same passport again
   * gives the same contact, as she is.
   */
  contact(passport: string, name?: string): ScriptedContact {
    const { network } = this.#parts;
    const key = passport.toLowerCase();
    const known = this.#contacts.get(key);
    if (known !== undefined) {
      if (name !== undefined) known.rename(name);
      return known;
    }
    const account = network.accounts.find(passport) ?? network.accounts.add(passport, randomHex(20));
    const contact = new ScriptedContact(network, account);
    if (name !== undefined) contact.rename(name);
    this.#contacts.set(key, contact);
    contact.signIn();
    return contact;
  }

  /** How many live notification connections the account has signed in on. */
  sessions(passport: string): number {
    return this.#sessionsOf(passport).length;
  }

  /** What the account has set: its status, `HDN` included, and its name. */
  shown(passport: string): { status: string; name: string } {
    const { accounts, mood } = this.#parts.network;
    const account = accounts.get(passport);
    return { status: this.#parts.network.statusOf(account), name: mood.text.toPlain(account.name) };
  }

  /** How many live switchboards there are. */
  boards(): number {
    return this.#parts.network.boards.size;
  }

  /** Destroys the notification connection of the account. */
  disconnect(passport: string): void {
    for (const session of this.#sessionsOf(passport)) session.destroy();
  }

  /** Sends a command with a payload on the notification connection of the account, without a look at it. */
  announce(passport: string, name: string, args: readonly string[], payload: Buffer): void {
    for (const session of this.#sessionsOf(passport)) session.sendPayload(name, args, payload);
  }

  /** Destroys every switchboard connection without a word. */
  closeBoards(): void {
    this.#parts.switchboards.dropSockets();
  }

  /** From now on the server answers something no more, or does again. */
  stall(what: Stall, isStalled: boolean): void {
    const { stalls } = this.#parts.network;
    if (isStalled) stalls.add(what);
    else stalls.delete(what);
  }

  /** How many passwords were never answered, because of a stall. */
  get stalledLogins(): number {
    return this.#parts.network.stalledLogins;
  }

  /** Closes all sockets and listeners. */
  async stop(): Promise<void> {
    for (const contact of this.#contacts.values()) contact.signOut();
    await Promise.all(this.#parts.listeners.map(async (listener) => listener.close()));
  }

  #sessionsOf(passport: string): NotificationSession[] {
    const account = this.#parts.network.accounts.find(passport);
    return [...this.#parts.sessions].filter((session) => session.isSignedIn && session.account === account);
  }
}

function moodFor({ mood = "today", rates, idleBoardMs }: SandboxOptions): Mood {
  const { [mood]: usual } = MOODS;
  return { ...usual, rates: rates ?? usual.rates, idleBoardMs: idleBoardMs ?? usual.idleBoardMs };
}

function addAccount({ accounts, mood }: Network, { passport, password, name }: SandboxAccount): void {
  accounts.add(passport, password, name === undefined ? undefined : mood.text.fromPlain(name));
}

async function openParts(network: Network, { ports = {}, tls }: SandboxOptions): Promise<Parts> {
  const listeners: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(listener: T): T => {
    listeners.push(listener);
    return listener;
  };
  const sessions = new Set<NotificationSession>();
  const openNotification = async (port: number, redirect?: string): Promise<Listener> =>
    Listener.open(port, (socket) => {
      const closed = (session: NotificationSession): boolean => sessions.delete(session);
      sessions.add(new NotificationSession(socket, network, { redirect, closed }));
    });
  try {
    const passport = keep(await Passport.open(ports.http ?? 0, network, tls));
    const switchboards = keep(
      await Listener.open(ports.switchboard ?? 0, (socket) => void new SwitchboardSession(socket, network)),
    );
    network.switchboardAddress = `${HOST}:${switchboards.port}`;
    const behind = network.mood.dispatches ? keep(await openNotification(0)) : undefined;
    const redirect = behind && `${HOST}:${behind.port}`;
    const entrance = keep(await openNotification(ports.notification ?? 0, redirect));
    return { network, listeners, entrance, switchboards, passport, sessions };
  } catch (error) {
    await Promise.all(listeners.map(async (listener) => listener.close()));
    throw error;
  }
}
