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
  /** Leaves a switchboard of no use. */
  abandon(board: Switchboard): void;
}

/** The switchboards of one conversation, and how people are reached on them. */
export class ConversationBoards {
  readonly #owner: BoardOwner;
  /** Newest last. Two can live at once: both sides may call each other at the same time (docs/msnp.md 4.2). */
  #boards: Switchboard[] = [];
  #isHeld = false;

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

  /** Whether there is one that could be left. */
  get isOpen(): boolean {
    return this.#boards.some((board) => !board.isClosed);
  }

  has(board: Switchboard): boolean {
    return this.#boards.includes(board);
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  add(board: Switchboard): void {
    this.#boards = [...this.#boards.filter((other) => !other.isClosed), board];
    if (this.#isHeld) board.hold();
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
