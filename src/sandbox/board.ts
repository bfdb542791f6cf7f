import type { Timer } from "../util/clock.ts";
import { isOnList, isPassport, type Account } from "./accounts.ts";
import type { Network } from "./network.ts";

/** A participant of a switchboard: a socket or a scripted contact. The methods tell her what the others do. */
export interface Member {
  readonly account: Account;
  joined(other: Account): void;
  left(other: Account, why: "by herself" | "idle"): void;
  message(from: Account, payload: Buffer): void;
  /** The server has closed the board. */
  dismissed(): void;
}

/** One switchboard. It is live as long as somebody is on it. */
export class Board {
  readonly id: string;
  readonly #network: Network;
  readonly #members = new Set<Member>();
  #idle: Timer | undefined;

  constructor(network: Network) {
    this.#network = network;
    this.id = network.mood.sessionId();
  }

  get members(): readonly Member[] {
    return [...this.#members];
  }

  has(account: Account): boolean {
    return this.members.some((member) => member.account === account);
  }

  /** Everybody's account but `account`, each once. */
  others(account: Account): Account[] {
    return [...new Set(this.members.map((member) => member.account))].filter((other) => other !== account);
  }

  join(member: Member): void {
    this.#members.add(member);
    this.#network.boards.add(this);
    this.#touch();
    for (const other of this.#othersThan(member.account)) other.joined(member.account);
  }

  leave(member: Member): void {
    if (!this.#members.delete(member)) return;
    if (this.#members.size === 0) this.#end();
    if (this.has(member.account)) return;
    for (const other of this.#othersThan(member.account)) other.left(member.account, "by herself");
  }

  /**
   * Rings `passport`. Returns the error code, or undefined when she was rung. The same code stands for the offline, the
   * unknown, the blocking and the hidden (docs/msnp.md 8.1(21)).
   */
  call(caller: Account, passport: string): 208 | 215 | 216 | 217 | undefined {
    this.#touch();
    if (!isPassport(passport)) return 208;
    const callee = this.#network.accounts.find(passport);
    if (callee === undefined) return 217;
    if (this.has(callee)) return 215;
    if (this.#network.statusSeenBy(caller, callee) === "FLN") return this.#refusal(caller, callee);
    this.#network.sessionOf(callee)?.ring(this, caller);
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
    return isStranger ? this.#network.mood.codes.stranger : 217;
  }

  #touch(): void {
    const { clock, mood } = this.#network;
    this.#idle?.cancel();
    if (mood.idleBoardMs !== undefined) this.#idle = clock.after(mood.idleBoardMs, () => this.#dismissAll());
  }

  /** Everybody is told that all others were removed, and the board is closed (docs/msnp.md 4.3). */
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

  #othersThan(account: Account): Member[] {
    return this.members.filter((member) => member.account !== account);
  }
}
