import type { Clock, Timer } from "../../util/clock.ts";
import { isOnList, isEmailAddress, type Account, type Accounts, type SandboxStatus } from "./accounts.ts";
import type { ServerProfile } from "./server-profile.ts";

/** A participant of a switchboard: a socket or a scripted contact. The methods tell it what the others do. */
export interface SwitchboardMember {
  readonly account: Account;
  joined(other: Account): void;
  left(other: Account, why: "left" | "idle"): void;
  message(from: Account, payload: Buffer): void;
  /** The server has closed the board. */
  dismissed(): void;
}

/** What a switchboard needs of the network that it belongs to. */
export interface SwitchboardHost {
  readonly clock: Clock;
  readonly profile: ServerProfile;
  readonly accounts: Accounts;
  /** Those with a member. */
  readonly boards: Set<SandboxSwitchboard>;
  isVisible(account: Account): boolean;
  statusSeenBy(viewer: Account, subject: Account): SandboxStatus;
  /** Rings the account, if it is signed in. */
  ring(callee: Account, board: SandboxSwitchboard, caller: Account): void;
}

/** One switchboard. It is live as long as it has a member. */
export class SandboxSwitchboard {
  readonly id: string;
  readonly #network: SwitchboardHost;
  readonly #members = new Set<SwitchboardMember>();
  #idle: Timer | undefined;

  constructor(network: SwitchboardHost) {
    this.#network = network;
    this.id = network.profile.sessionId();
  }

  get members(): readonly SwitchboardMember[] {
    return [...this.#members];
  }

  has(account: Account): boolean {
    return this.members.some((member) => member.account === account);
  }

  /** The accounts of all but `account`, each once. */
  others(account: Account): Account[] {
    return [...new Set(this.members.map((member) => member.account))].filter((other) => other !== account);
  }

  join(member: SwitchboardMember): void {
    this.#members.add(member);
    this.#network.boards.add(this);
    this.#touch();
    for (const other of this.#othersThan(member.account)) other.joined(member.account);
  }

  leave(member: SwitchboardMember): void {
    if (!this.#members.delete(member)) return;
    if (this.#members.size === 0) this.#end();
    if (this.has(member.account)) return;
    for (const other of this.#othersThan(member.account)) other.left(member.account, "left");
  }

  /**
   * Rings `passport`. Returns the error code, or undefined when it was rung. The same code stands for the offline, the
   * unknown, the blocking and the hidden (docs/msnp.md 8.1(21)).
   */
  call(caller: Account, passport: string): 208 | 215 | 216 | 217 | undefined {
    this.#touch();
    if (!isEmailAddress(passport)) return 208;
    const callee = this.#network.accounts.find(passport);
    if (callee === undefined) return 217;
    if (this.has(callee)) return 215;
    if (this.#network.statusSeenBy(caller, callee) === "FLN") return this.#refusal(caller, callee);
    this.#network.ring(callee, this, caller);
    return undefined;
  }

  /** Hands the payload to all others; returns to how many people. */
  relay(from: Account, payload: Buffer): number {
    this.#touch();
    for (const other of this.#othersThan(from)) other.message(from, payload);
    return this.others(from).length;
  }

  #refusal(caller: Account, callee: Account): 216 | 217 {
    const isStranger = this.#network.isVisible(callee) && !isOnList(callee, caller, "BL");
    return isStranger ? this.#network.profile.codes.stranger : 217;
  }

  #touch(): void {
    const { clock, profile } = this.#network;
    this.#idle?.cancel();
    if (profile.idleBoardMs !== undefined) this.#idle = clock.after(profile.idleBoardMs, () => this.#dismissAll());
  }

  /** All are told that all others were removed, and the board is closed (docs/msnp.md 4.3). */
  #dismissAll(): void {
    const { members } = this;
    for (const member of members) {
      for (const other of this.others(member.account)) member.left(other, "idle");
    }
    this.#members.clear();
    this.#end();
    for (const member of members) member.dismissed();
  }

  #end(): void {
    this.#idle?.cancel();
    this.#network.boards.delete(this);
  }

  #othersThan(account: Account): SwitchboardMember[] {
    return this.members.filter((member) => member.account !== account);
  }
}
