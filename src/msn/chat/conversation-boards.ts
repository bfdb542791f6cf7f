import { MsnError } from "../base/errors.ts";
import type { Switchboard } from "./switchboard.ts";

/** Whose switchboards they are. */
export interface BoardOwner {
  readonly kind: "direct" | "group";
  readonly id: string;
  /** Whom to call when nobody is there. */
  readonly people: ReadonlySet<string>;
  /** Gets a new switchboard with nobody on it; it has been added when this resolves. @throws MsnError */
  openBoard(): Promise<Switchboard>;
  /** Whether a file is offered, or under way. */
  readonly isTransferring: boolean;
  /** Leaves a switchboard of no use. */
  abandon(board: Switchboard): void;
}

// Two are what a conversation needs. Whoever opens more, or a program that opens one for every line, leaves the others empty.
const MAX_BOARDS = 3;

/** The switchboards of one conversation, and how people are reached on them. */
export class ConversationBoards {
  readonly #owner: BoardOwner;
  /** Newest last. Two can live at once: both sides may call each other at the same time (docs/msnp.md 4.2). */
  #boards: Switchboard[] = [];
  #isHeld = false;
  /** Those on which something was said about a file. */
  readonly #withFiles = new WeakSet<Switchboard>();

  constructor(owner: BoardOwner) {
    this.#owner = owner;
  }

  /** The newest with a member on it. */
  get occupied(): Switchboard | undefined {
    return this.#boards.findLast((board) => !board.isClosed && this.#isOccupied(board));
  }

  get isEmpty(): boolean {
    return this.#boards.length === 0;
  }

  /** Those that could be left, newest last. */
  get open(): readonly Switchboard[] {
    return this.#boards.filter((board) => !board.isClosed);
  }

  get isOpen(): boolean {
    return this.#boards.some((board) => !board.isClosed);
  }

  /** Whether nothing would be cut off if they were left. */
  get isQuiet(): boolean {
    const { open } = this;
    if (open.length === 0 || this.#isHeld || open.some((board) => board.isBusy)) return false;
    return !this.#owner.isTransferring;
  }

  has(board: Switchboard): boolean {
    return this.#boards.includes(board);
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** The last of the newest three. Of the others, the oldest is left on which nothing is open. */
  add(board: Switchboard): void {
    const others = this.open;
    this.#boards = [...others, board];
    if (this.#isHeld) board.hold();
    // What waits on those that are held would be lost.
    else if (others.length >= MAX_BOARDS) this.#leaveOne(others);
  }

  /** Something is said about a file, which the other side may expect to go on there. */
  noteFile(board: Switchboard): void {
    this.#withFiles.add(board);
  }

  remove(board: Switchboard): void {
    this.#boards = this.#boards.filter((other) => other !== board);
    if (this.#isHeld) board.goOn();
  }

  /** Reads nothing from them, nor from those that are added. */
  hold(): void {
    this.#isHeld = true;
    for (const board of this.#boards) board.hold();
  }

  goOn(): void {
    this.#isHeld = false;
    for (const board of this.#boards) board.goOn();
  }

  leaveAll(): void {
    for (const board of this.#boards.splice(0)) void board.leave();
  }

  /** A switchboard with a member on it, who is called if need be. @throws MsnError */
  async reach(): Promise<Switchboard> {
    const ready = this.occupied;
    if (ready !== undefined) return ready;
    try {
      return await this.#call();
    } catch (error) {
      // A contact may have called us while our own call failed.
      const other = this.occupied;
      if (other !== undefined) return other;
      throw error;
    }
  }

  #leaveOne(others: readonly Switchboard[]): void {
    const { isTransferring } = this.#owner;
    const idle = others.filter((board) => !board.isBusy);
    const oldest = idle.find((board) => !(isTransferring && this.#withFiles.has(board))) ?? idle[0] ?? others[0];
    if (oldest !== undefined) this.#owner.abandon(oldest);
  }

  async #call(): Promise<Switchboard> {
    const empty = this.#boards.findLast((board) => !board.isClosed);
    if (empty !== undefined) {
      try {
        await this.#inviteEverybody(empty);
        return empty;
      } catch (error) {
        // An old board may close at any time; that says nothing about the people.
        if (!empty.isClosed) {
          if (error instanceof MsnError && error.code === "timeout") this.#owner.abandon(empty);
          throw error;
        }
      }
    }
    const board = await this.#owner.openBoard();
    try {
      await this.#inviteEverybody(board);
      return board;
    } catch (error) {
      void board.leave();
      throw error;
    }
  }

  // One who comes is enough to talk to; if nobody does, the first reason is as good as any.
  async #inviteEverybody(board: Switchboard): Promise<void> {
    const calls = await Promise.allSettled([...this.#owner.people].map((account) => board.invite(account)));
    const failures = calls.filter((call) => call.status === "rejected");
    if (failures.length < calls.length) return;
    throw failures[0]?.reason ?? new MsnError("contact-offline", "there is nobody to call");
  }

  #isOccupied(board: Switchboard): boolean {
    const { kind, id } = this.#owner;
    return kind === "group" ? board.members.size > 0 : board.members.has(id);
  }
}
