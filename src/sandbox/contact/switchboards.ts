import type { Account } from "../network/accounts.ts";
import { Arrivals } from "./arrivals.ts";
import { SandboxSwitchboard, type SwitchboardMember } from "../network/switchboard.ts";
import type { SandboxNetwork } from "../network/network.ts";

interface SwitchboardEvents {
  readonly arrived: (board: SandboxSwitchboard, passport: string) => void;
  readonly message: (board: SandboxSwitchboard, from: Account, payload: Buffer) => void;
  /** The contact is no more on the switchboard: it left, or the switchboard was closed. */
  readonly left: (board: SandboxSwitchboard) => void;
}

/** The switchboards that a contact is on. */
export class Switchboards {
  readonly #network: SandboxNetwork;
  readonly #account: Account;
  readonly #events: SwitchboardEvents;
  readonly #members = new Map<SandboxSwitchboard, SwitchboardMember>();
  readonly #arrivals: Arrivals;

  constructor(network: SandboxNetwork, account: Account, events: SwitchboardEvents) {
    this.#network = network;
    this.#account = account;
    this.#events = events;
    this.#arrivals = new Arrivals(network.clock);
  }

  has(board: SandboxSwitchboard): boolean {
    return this.#members.has(board);
  }

  /** The boards that are shared with `to`, those with the fewest people first: a chat of two comes before a group. */
  with(to: string): SandboxSwitchboard[] {
    const other = this.#network.accounts.find(to);
    if (other === undefined) return [];
    const shared = [...this.#members.keys()].filter((board) => board.has(other));
    return shared.toSorted((a, b) => a.members.length - b.members.length);
  }

  /** The board with the most people. @throws Error when the contact is on none */
  largest(): SandboxSwitchboard {
    const [largest] = [...this.#members.keys()].toSorted((a, b) => b.members.length - a.members.length);
    if (largest === undefined) throw new Error(`${this.#account.passport} is on no board`);
    return largest;
  }

  /** A board with `to` and nobody else, opened if there is none. @throws Error as `open` does */
  async forTwo(to: string): Promise<SandboxSwitchboard> {
    const [shared] = this.with(to);
    return shared?.others(this.#account).length === 1 ? shared : this.open([to]);
  }

  /** Opens a board and calls people to it. @throws Error when one of them cannot be called or does not come within 5 s */
  async open(others: readonly string[]): Promise<SandboxSwitchboard> {
    const board = this.sitAlone();
    try {
      await Promise.all(others.map(async (to) => this.call(board, to)));
      return board;
    } catch (error) {
      this.leave(board);
      throw error;
    }
  }

  /** @throws Error as `open` does */
  async call(board: SandboxSwitchboard, to: string): Promise<void> {
    const refusal = board.call(this.#account, to);
    if (refusal !== undefined) throw new Error(`${to} cannot be called: ${refusal}`);
    await this.#arrivals.wait(board, to);
  }

  sitAlone(): SandboxSwitchboard {
    const board = new SandboxSwitchboard(this.#network);
    this.sit(board);
    return board;
  }

  sit(board: SandboxSwitchboard): void {
    const member: SwitchboardMember = {
      account: this.#account,
      // Not at once: the other has to see the end of the ANS before the first message.
      joined: (other) => void setImmediate(() => this.#arrived(board, other.passport)),
      left: () => {
        if (board.others(this.#account).length === 0) this.leave(board);
      },
      message: (from, payload) => this.#events.message(board, from, payload),
      dismissed: () => this.#vacate(board),
    };
    this.#members.set(board, member);
    board.join(member);
  }

  leave(board: SandboxSwitchboard): void {
    const member = this.#vacate(board);
    if (member !== undefined) board.leave(member);
  }

  leaveAll(): void {
    for (const board of this.#members.keys()) this.leave(board);
  }

  /** Says something on the board, if the contact is still on it. */
  say(board: SandboxSwitchboard, payload: Buffer): void {
    if (this.has(board)) board.relay(this.#account, payload);
  }

  #arrived(board: SandboxSwitchboard, passport: string): void {
    this.#events.arrived(board, passport);
    this.#arrivals.arrived(board, passport);
  }

  #vacate(board: SandboxSwitchboard): SwitchboardMember | undefined {
    const member = this.#members.get(board);
    this.#members.delete(board);
    if (member !== undefined) this.#events.left(board);
    return member;
  }
}
