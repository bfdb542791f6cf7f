import type { Account } from "./accounts.ts";
import { Arrivals } from "./arrivals.ts";
import { Board, type Member } from "./board.ts";
import type { Network } from "./network.ts";

interface SeatEvents {
  readonly arrived: (board: Board, passport: string) => void;
  readonly message: (board: Board, from: Account, payload: Buffer) => void;
  /** She is no more on the board, by herself or because it was closed. */
  readonly left: (board: Board) => void;
}

/** The boards on which a scripted contact is. */
export class Seats {
  readonly #network: Network;
  readonly #account: Account;
  readonly #events: SeatEvents;
  readonly #members = new Map<Board, Member>();
  readonly #arrivals: Arrivals;

  constructor(network: Network, account: Account, events: SeatEvents) {
    this.#network = network;
    this.#account = account;
    this.#events = events;
    this.#arrivals = new Arrivals(network.clock);
  }

  has(board: Board): boolean {
    return this.#members.has(board);
  }

  /** The boards that are shared with `to`, those with the fewest people first: a chat of two comes before a group. */
  with(to: string): Board[] {
    const other = this.#network.accounts.find(to);
    if (other === undefined) return [];
    const shared = [...this.#members.keys()].filter((board) => board.has(other));
    return shared.toSorted((a, b) => a.members.length - b.members.length);
  }

  /** The board with the most people. @throws Error when she is on none */
  largest(): Board {
    const [largest] = [...this.#members.keys()].toSorted((a, b) => b.members.length - a.members.length);
    if (largest === undefined) throw new Error(`${this.#account.passport} is on no board`);
    return largest;
  }

  /** A board with `to` and nobody else, opened if there is none. @throws Error as `open` does */
  async forTwo(to: string): Promise<Board> {
    const [shared] = this.with(to);
    return shared?.others(this.#account).length === 1 ? shared : this.open([to]);
  }

  /** Opens a board and calls people to it. @throws Error when somebody cannot be called or does not come within 5 s */
  async open(others: readonly string[]): Promise<Board> {
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
  async call(board: Board, to: string): Promise<void> {
    const refusal = board.call(this.#account, to);
    if (refusal !== undefined) throw new Error(`${to} cannot be called: ${refusal}`);
    await this.#arrivals.wait(board, to);
  }

  sitAlone(): Board {
    const board = new Board(this.#network);
    this.sit(board);
    return board;
  }

  sit(board: Board): void {
    const member: Member = {
      account: this.#account,
      // Not at once: she has to see the end of her ANS before the first message.
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

  leave(board: Board): void {
    const member = this.#vacate(board);
    if (member !== undefined) board.leave(member);
  }

  leaveAll(): void {
    for (const board of this.#members.keys()) this.leave(board);
  }

  /** Says something on the board, if she is still on it. */
  say(board: Board, payload: Buffer): void {
    if (this.has(board)) board.relay(this.#account, payload);
  }

  #arrived(board: Board, passport: string): void {
    this.#events.arrived(board, passport);
    this.#arrivals.arrived(board, passport);
  }

  #vacate(board: Board): Member | undefined {
    const member = this.#members.get(board);
    this.#members.delete(board);
    if (member !== undefined) this.#events.left(board);
    return member;
  }
}
