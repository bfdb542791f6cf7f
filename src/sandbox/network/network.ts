import { Calendar } from "../../util/calendar.ts";
import { systemClock, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import {
  Accounts,
  allows,
  isOnList,
  putOnList,
  takeOffList,
  type Account,
  type PhoneType,
  type SandboxStatus,
} from "./accounts.ts";
import type { SandboxSwitchboard, SwitchboardHost } from "./switchboard.ts";
import { Keys } from "./keys.ts";
import type { ServerProfile } from "./server-profile.ts";

const TICKET_LIFE = 30_000;
const BOARD_KEY_LIFE = 120_000;

/** An account that is signed in, by a socket or as a contact in here. The methods tell it what happens around it. */
export interface SandboxSession {
  readonly account: Account;
  /** FLN until the first status was set. */
  readonly status: SandboxStatus;
  readonly capabilities: string;
  /** HDN comes through here too: the servers leak it (docs/msnp.md 8.1(16)). */
  presenceChanged(subject: Account, status: SandboxStatus): void;
  phoneChanged(subject: Account, type: PhoneType): void;
  addedBy(other: Account): void;
  removedBy(other: Account): void;
  ring(board: SandboxSwitchboard, caller: Account): void;
  signedInElsewhere(): void;
}

/** What a server that works has an answer to. */
export type SandboxQuestion = "message" | "login" | "farewell";

export interface SandboxNetworkOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly profile: ServerProfile;
  /** Whether the server answers a question; without it, each. */
  readonly answers?: (question: SandboxQuestion) => boolean;
}

/** What all connections of the sandbox share: accounts, who is signed in, tickets, keys and switchboards. */
export class SandboxNetwork implements SwitchboardHost {
  readonly clock: Clock;
  readonly calendar = new Calendar(systemClock);
  readonly log: Log;
  readonly profile: ServerProfile;
  readonly accounts = new Accounts();
  readonly answers: (question: SandboxQuestion) => boolean;
  readonly boards = new Set<SandboxSwitchboard>();
  readonly tickets: Keys<Account>;
  readonly transferKeys: Keys<Account>;
  readonly ringKeys: Keys<{ account: Account; board: SandboxSwitchboard }>;
  readonly #sessions = new Map<Account, SandboxSession>();
  /** Where switchboards are to be reached, as `host:port`; set once the listener runs. */
  switchboardAddress = "";

  constructor({ clock, log, profile, answers = () => true }: SandboxNetworkOptions) {
    this.clock = clock;
    this.log = log;
    this.profile = profile;
    this.answers = answers;
    this.tickets = new Keys(clock, TICKET_LIFE);
    this.transferKeys = new Keys(clock, BOARD_KEY_LIFE);
    this.ringKeys = new Keys(clock, BOARD_KEY_LIFE);
  }

  sessionOf(account: Account): SandboxSession | undefined {
    return this.#sessions.get(account);
  }

  ring(callee: Account, board: SandboxSwitchboard, caller: Account): void {
    this.#sessions.get(callee)?.ring(board, caller);
  }

  /** The newest login wins: the one before is told and gone. */
  signIn(session: SandboxSession): void {
    const before = this.#sessions.get(session.account);
    this.#sessions.set(session.account, session);
    if (before === undefined) return;
    before.signedInElsewhere();
    this.#announceEnd(before);
  }

  /** Does nothing when another session of the account has taken over. */
  signOut(session: SandboxSession): void {
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
  statusOf(account: Account): SandboxStatus {
    return this.#sessions.get(account)?.status ?? "FLN";
  }

  /** The status as `viewer` may see it: FLN for the hidden and for those who do not let `viewer`. */
  statusSeenBy(viewer: Account, subject: Account): SandboxStatus {
    const status = this.#sessions.get(subject)?.status ?? "FLN";
    return status === "HDN" || !allows(subject, viewer) ? "FLN" : status;
  }

  /** Tells all who have `subject` on the list that its status is another one. */
  statusChanged(subject: Account): void {
    const status = this.#sessions.get(subject)?.status ?? "FLN";
    this.#announce(subject, status === "HDN" ? "FLN" : status);
  }

  /** Tells all who have `subject` on the list of a new name or privacy mode; it may leak the hidden as HDN. */
  profileChanged(subject: Account): void {
    const status = this.#sessions.get(subject)?.status ?? "FLN";
    if (this.#isTold(status)) this.#announce(subject, status);
  }

  phoneChanged(subject: Account, type: PhoneType): void {
    for (const session of this.#watchers(subject)) session.phoneChanged(subject, type);
  }

  /** Changes who may see `owner` and tells those who see it come or go by that. */
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

  /** Takes `owner` off the RL of `other`, who is told. Returns whether it was on it. */
  forget(owner: Account, other: Account): boolean {
    if (!isOnList(other, owner, "RL")) return false;
    takeOffList(other, owner, "RL");
    this.#listChanged(other, (session) => session.removedBy(owner));
    return true;
  }

  /** A session counts the change itself when it is told. */
  #listChanged(owner: Account, tell: (session: SandboxSession) => void): void {
    const session = this.#sessions.get(owner);
    if (session === undefined) owner.listVersion += 1;
    else tell(session);
  }

  #announceEnd({ account, status }: SandboxSession): void {
    if (this.#isTold(status)) this.#announce(account, "FLN");
  }

  #isTold(status: SandboxStatus): boolean {
    return status !== "FLN" && (status !== "HDN" || this.profile.leaksHidden);
  }

  #announce(subject: Account, status: SandboxStatus): void {
    for (const session of this.#watchers(subject)) {
      if (allows(subject, session.account)) session.presenceChanged(subject, status);
    }
  }

  #watchers(subject: Account): SandboxSession[] {
    return [...this.#sessions.values()].filter(({ account }) => isOnList(account, subject, "FL"));
  }
}
