import type { Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import {
  Accounts,
  allows,
  isOnList,
  putOnList,
  takeOffList,
  type Account,
  type PhoneType,
  type Status,
} from "./accounts.ts";
import type { Board } from "./board.ts";
import { Keys } from "./keys.ts";
import type { Mood } from "./mood.ts";

const TICKET_LIFE = 30_000;
const BOARD_KEY_LIFE = 120_000;

/** Somebody signed in: a socket or a scripted contact. The methods tell her what happens around her. */
export interface Session {
  readonly account: Account;
  /** FLN until the first status was set. */
  readonly status: Status;
  readonly capabilities: string;
  /** HDN comes through here too: the servers leak it (docs/msnp.md 8.1(16)). */
  presenceChanged(subject: Account, status: Status): void;
  phoneChanged(subject: Account, type: PhoneType): void;
  addedBy(other: Account): void;
  removedBy(other: Account): void;
  ring(board: Board, caller: Account): void;
  signedInElsewhere(): void;
}

/** Something that a server in trouble does not answer. */
export type Stall = "acknowledgements" | "logins" | "farewells";

export interface NetworkOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly mood: Mood;
}

/** What all connections of the sandbox share: accounts, who is signed in, tickets, keys and switchboards. */
export class Network {
  readonly clock: Clock;
  readonly log: Log;
  readonly mood: Mood;
  readonly accounts = new Accounts();
  /** What is asked for and never answered. */
  readonly stalls = new Set<Stall>();
  /** How many passwords were never answered, because of a stall. */
  stalledLogins = 0;
  readonly boards = new Set<Board>();
  readonly tickets: Keys<Account>;
  readonly transferKeys: Keys<Account>;
  readonly ringKeys: Keys<{ account: Account; board: Board }>;
  readonly #sessions = new Map<Account, Session>();
  /** Where switchboards are to be reached, as `host:port`; set once the listener runs. */
  switchboardAddress = "";

  constructor({ clock, log, mood }: NetworkOptions) {
    this.clock = clock;
    this.log = log;
    this.mood = mood;
    this.tickets = new Keys(clock, TICKET_LIFE);
    this.transferKeys = new Keys(clock, BOARD_KEY_LIFE);
    this.ringKeys = new Keys(clock, BOARD_KEY_LIFE);
  }

  sessionOf(account: Account): Session | undefined {
    return this.#sessions.get(account);
  }

  /** The newest login wins: the one before is told and gone. */
  signIn(session: Session): void {
    const before = this.#sessions.get(session.account);
    this.#sessions.set(session.account, session);
    if (before === undefined) return;
    before.signedInElsewhere();
    this.#announceEnd(before);
  }

  /** Does nothing when another session of the account has taken over. */
  signOut(session: Session): void {
    if (this.#sessions.get(session.account) !== session) return;
    this.#sessions.delete(session.account);
    this.#announceEnd(session);
  }

  /** Whether there is a session with a status that lets others see and call it. */
  isVisible(account: Account): boolean {
    const status = this.#sessions.get(account)?.status ?? "FLN";
    return status !== "FLN" && status !== "HDN";
  }

  /** The status that the account has set, which others may not see. */
  statusOf(account: Account): Status {
    return this.#sessions.get(account)?.status ?? "FLN";
  }

  /** The status as `viewer` may see it: FLN for the hidden and for those who do not let her. */
  statusSeenBy(viewer: Account, subject: Account): Status {
    const status = this.#sessions.get(subject)?.status ?? "FLN";
    return status === "HDN" || !allows(subject, viewer) ? "FLN" : status;
  }

  /** Tells everybody who has `subject` on the list that her status is another one. */
  statusChanged(subject: Account): void {
    const status = this.#sessions.get(subject)?.status ?? "FLN";
    this.#announce(subject, status === "HDN" ? "FLN" : status);
  }

  /** Tells everybody who has `subject` on the list of a new name or privacy mode; it may leak the hidden as HDN. */
  profileChanged(subject: Account): void {
    const status = this.#sessions.get(subject)?.status ?? "FLN";
    if (this.#isTold(status)) this.#announce(subject, status);
  }

  phoneChanged(subject: Account, type: PhoneType): void {
    for (const session of this.#watchers(subject)) session.phoneChanged(subject, type);
  }

  /** Changes who may see `owner` and tells whoever sees her come or go by it. */
  changeVisibility(owner: Account, change: () => void): void {
    const watchers = this.#watchers(owner);
    const before = watchers.map((session) => this.statusSeenBy(session.account, owner));
    change();
    for (const [at, session] of watchers.entries()) {
      const now = this.statusSeenBy(session.account, owner);
      if (now !== before[at]) session.presenceChanged(owner, now);
    }
  }

  /** Puts `other` on `owner`'s FL, and `owner` on the RL of `other`, who is told. */
  follow(owner: Account, other: Account): void {
    const known = isOnList(owner, other, "FL");
    putOnList(owner, other, "FL");
    putOnList(other, owner, "RL");
    if (!known) this.#listChanged(other, (session) => session.addedBy(owner));
  }

  /** Takes `other` off `owner`'s FL. Returns whether `owner` was on the RL of `other`. */
  unfollow(owner: Account, other: Account): boolean {
    takeOffList(owner, other, "FL");
    return this.forget(owner, other);
  }

  /** Takes `owner` off the RL of `other`, who is told. Returns whether she was on it. */
  forget(owner: Account, other: Account): boolean {
    if (!isOnList(other, owner, "RL")) return false;
    takeOffList(other, owner, "RL");
    this.#listChanged(other, (session) => session.removedBy(owner));
    return true;
  }

  /** A session counts the change itself when it is told. */
  #listChanged(owner: Account, tell: (session: Session) => void): void {
    const session = this.#sessions.get(owner);
    if (session === undefined) owner.listVersion += 1;
    else tell(session);
  }

  #announceEnd({ account, status }: Session): void {
    if (this.#isTold(status)) this.#announce(account, "FLN");
  }

  #isTold(status: Status): boolean {
    return status !== "FLN" && (status !== "HDN" || this.mood.leaksHidden);
  }

  #announce(subject: Account, status: Status): void {
    for (const session of this.#watchers(subject)) {
      if (allows(subject, session.account)) session.presenceChanged(subject, status);
    }
  }

  #watchers(subject: Account): Session[] {
    return [...this.#sessions.values()].filter(({ account }) => isOnList(account, subject, "FL"));
  }
}
