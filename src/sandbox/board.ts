import { isPassport, type Account } from "./accounts.ts";
import { randomHex } from "./keys.ts";
import type { Network } from "./network.ts";

/** A participant of a switchboard: a socket or a scripted contact. The methods tell her what the others do. */
export interface Member {
  readonly account: Account;
  joined(other: Account): void;
  left(other: Account): void;
  message(from: Account, payload: Buffer): void;
}

/** One switchboard. It is live as long as somebody is on it. */
export class Board {
  /** 31 hex characters, as the servers have it. */
  readonly id = randomHex(31);
  readonly #network: Network;
  readonly #members = new Set<Member>();

  constructor(network: Network) {
    this.#network = network;
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
    for (const other of this.#othersThan(member.account)) other.joined(member.account);
  }

  leave(member: Member): void {
    if (!this.#members.delete(member)) return;
    if (this.#members.size === 0) this.#network.boards.delete(this);
    if (this.has(member.account)) return;
    for (const other of this.#othersThan(member.account)) other.left(member.account);
  }

  /**
   * Rings `passport`. Returns the error code, or undefined when she was rung. The same code stands for the offline, the
   * unknown, the blocking and the hidden (docs/msnp.md 8.1(21)).
   */
  call(caller: Account, passport: string): 208 | 215 | 217 | undefined {
    if (!isPassport(passport)) return 208;
    const callee = this.#network.accounts.find(passport);
    if (callee === undefined) return 217;
    if (this.has(callee)) return 215;
    if (this.#network.statusSeenBy(caller, callee) === "FLN") return 217;
    this.#network.sessionOf(callee)?.ring(this, caller);
    return undefined;
  }

  /** Hands the payload to all others; returns to how many people. */
  relay(from: Account, payload: Buffer): number {
    for (const other of this.#othersThan(from)) other.message(from, payload);
    return this.others(from).length;
  }

  #othersThan(account: Account): Member[] {
    return this.members.filter((member) => member.account !== account);
  }
}
