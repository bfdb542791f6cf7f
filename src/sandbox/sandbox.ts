import { systemClock, type Clock } from "../util/clock.ts";
import { silentLog, type Log } from "../util/log.ts";
import { SandboxContact } from "./contact/sandbox-contact.ts";
import { putOnList, type Account } from "./network/accounts.ts";
import { randomHex } from "./network/keys.ts";
import { SandboxNetwork, type SandboxQuestion } from "./network/network.ts";
import { PROFILES, type ProfileName, type Rates, type ServerProfile } from "./network/server-profile.ts";
import { NOTIFICATION_COMMANDS } from "./notification/commands.ts";
import { NotificationSession } from "./notification/notification-session.ts";
import { Passport, type Tls } from "./passport.ts";
import { SwitchboardSession } from "./switchboard/switchboard-session.ts";
import { HOST, ServerPort } from "./wire/server-port.ts";

export interface SandboxAccount {
  passport: string;
  password: string;
  name?: string;
}

export interface SandboxOptions {
  accounts?: SandboxAccount[];
  /** Which servers the sandbox behaves as: those people run today (the default), or the official ones. */
  profile?: ProfileName;
  /** How often switchboards and statuses may be asked for; without it, as often as one likes. */
  rates?: Rates;
  /** How long nothing may happen on a switchboard, in milliseconds; without it, what the profile says. */
  idleBoardMs?: number;
  log?: Log;
  clock?: Clock;
  /** Key and certificate of the Passport service, which is without https if not given. */
  tls?: Tls;
  /** 0, the default, takes a free port. */
  ports?: { notification?: number; switchboard?: number; http?: number };
  /** Whether the server answers a question; without it, each. */
  answers?: (question: SandboxQuestion) => boolean;
}

/** A running server. */
export interface SandboxParts {
  readonly network: SandboxNetwork;
  readonly listeners: readonly { close(): Promise<void> }[];
  readonly entrance: ServerPort;
  readonly switchboards: ServerPort;
  readonly passport: Passport;
  readonly sessions: ReadonlySet<NotificationSession>;
}

/** A small MSN server in this process, on the loopback, that behaves as real MSNP8 servers do. */
export class Sandbox<C extends SandboxContact = SandboxContact> {
  readonly host = HOST;
  /** Where clients connect first. */
  readonly port: number;
  readonly nexusUrl: string;
  readonly loginUrl: string;
  protected readonly parts: SandboxParts;
  readonly #createContact: (network: SandboxNetwork, account: Account) => C;
  readonly #contacts = new Map<string, C>();

  protected constructor(parts: SandboxParts, createContact: (network: SandboxNetwork, account: Account) => C) {
    this.parts = parts;
    this.#createContact = createContact;
    this.port = parts.entrance.port;
    this.nexusUrl = parts.passport.nexusUrl;
    this.loginUrl = parts.passport.loginUrl;
  }

  /** @throws Error when a port is taken, or an account is given twice or has no e-mail address */
  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    return new Sandbox(await openSandbox(options), (network, account) => new SandboxContact(network, account));
  }

  addAccount(account: SandboxAccount): void {
    addAccount(this.parts.network, account);
  }

  /**
   * Puts `friend` on `owner`'s FL and AL, and `owner` on the RL of `friend`, who is told if signed in; both ways if
   * `mutual`. `owner` learns of it with the next SYN.
   * @throws Error when there is no such account
   */
  befriend(owner: string, friend: string, mutual = false): void {
    const { network } = this.parts;
    const [one, other] = [network.accounts.get(owner), network.accounts.get(friend)];
    network.follow(one, other);
    network.changeVisibility(one, () => putOnList(one, other, "AL"));
    one.listVersion += 1;
    if (mutual) this.befriend(friend, owner);
  }

  /**
   * A contact, signed in and online. The account is made when there is none; asking for the same passport again gives the
   * same contact as before.
   */
  contact(passport: string, name?: string): C {
    const { network } = this.parts;
    const key = passport.toLowerCase();
    const known = this.#contacts.get(key);
    if (known !== undefined) {
      if (name !== undefined) known.rename(name);
      return known;
    }
    const account = network.accounts.find(passport) ?? network.accounts.add(passport, randomHex(20));
    const contact = this.#createContact(network, account);
    if (name !== undefined) contact.rename(name);
    this.#contacts.set(key, contact);
    contact.signIn();
    return contact;
  }

  /** Closes all sockets and listeners. */
  async stop(): Promise<void> {
    for (const contact of this.#contacts.values()) contact.signOut();
    await Promise.all(this.parts.listeners.map(async (listener) => listener.close()));
  }
}

function profileFor({ profile = "today", rates, idleBoardMs }: SandboxOptions): ServerProfile {
  const { [profile]: usual } = PROFILES;
  return { ...usual, rates: rates ?? usual.rates, idleBoardMs: idleBoardMs ?? usual.idleBoardMs };
}

function addAccount({ accounts, profile }: SandboxNetwork, { passport, password, name }: SandboxAccount): void {
  accounts.add(passport, password, name === undefined ? undefined : profile.text.fromPlain(name));
}

/** Opens the ports of a server. @throws Error as `Sandbox.start` does */
export async function openSandbox(options: SandboxOptions): Promise<SandboxParts> {
  const { accounts = [], log = silentLog, clock = systemClock, answers, ports = {}, tls } = options;
  const network = new SandboxNetwork({ clock, log, profile: profileFor(options), ...(answers && { answers }) });
  for (const account of accounts) addAccount(network, account);
  const listeners: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(listener: T): T => {
    listeners.push(listener);
    return listener;
  };
  const sessions = new Set<NotificationSession>();
  const openNotification = async (port: number, redirect?: string): Promise<ServerPort> =>
    ServerPort.open(port, (socket) => {
      const closed = (session: NotificationSession): boolean => sessions.delete(session);
      sessions.add(new NotificationSession(socket, network, { commands: NOTIFICATION_COMMANDS, redirect, closed }));
    });
  try {
    const passport = keep(await Passport.open(ports.http ?? 0, network, tls));
    const switchboards = keep(
      await ServerPort.open(ports.switchboard ?? 0, (socket) => void new SwitchboardSession(socket, network)),
    );
    network.switchboardAddress = `${HOST}:${switchboards.port}`;
    const behind = network.profile.dispatches ? keep(await openNotification(0)) : undefined;
    const redirect = behind && `${HOST}:${behind.port}`;
    const entrance = keep(await openNotification(ports.notification ?? 0, redirect));
    return { network, listeners, entrance, switchboards, passport, sessions };
  } catch (error) {
    await Promise.all(listeners.map(async (listener) => listener.close()));
    throw error;
  }
}
