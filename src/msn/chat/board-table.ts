import type { Timer } from "../../util/clock.ts";
import { accountKey } from "../base/account.ts";
import type { Acquaintances } from "../base/acquaintances.ts";
import { MsnError } from "../base/errors.ts";
import type { Conversation } from "./conversation.ts";
import type { Switchboard } from "./switchboard.ts";

/** A live switchboard, and by whom we were called to it, if we were. */
export interface BoardState {
  /** Whose it is; undefined until it is known who is on it. */
  owner: Conversation | undefined;
  readonly caller: string | undefined;
  /** Leaves it, if it stays nobody's. */
  timer?: Timer;
}

// Each costs a connection, and anybody can call. What is not for those who call is kept for what the account itself says,
// and what is not for strangers is kept for contacts. One caller may have as many as may be opened for them at once
// (incoming-calls), and some more for groups.
const MOST = { all: 500, called: 450, strangers: 100, caller: 25 } as const;

/** What there can be too many of, the smallest first. */
export type BoardLimit = keyof typeof MOST;

const SENTENCES: Readonly<Record<BoardLimit, string>> = {
  caller: `one person has at most ${MOST.caller} conversations open with an account here`,
  strangers: `those who are no contacts have at most ${MOST.strangers} conversations open with an account here`,
  called: `an account is in at most ${MOST.called} conversations here to which others have called it`,
  all: `an account has at most ${MOST.all} conversations open here`,
};

/** The live switchboards of an account, and those to which it is connecting. */
export class BoardTable {
  readonly #acquaintances: Acquaintances;
  readonly #states = new Map<Switchboard, BoardState>();
  /** By whom we were called to those that are being opened. */
  readonly #opening = new Set<{ readonly caller: string | undefined }>();

  constructor(acquaintances: Acquaintances) {
    this.#acquaintances = acquaintances;
  }

  get(board: Switchboard): BoardState | undefined {
    return this.#states.get(board);
  }

  boards(): Switchboard[] {
    return [...this.#states.keys()];
  }

  delete(board: Switchboard): void {
    this.#states.get(board)?.timer?.cancel();
    this.#states.delete(board);
  }

  /**
   * Opens one more.
   * @param caller who has called us to it; undefined for one of our own
   * @throws MsnError `limited` when there are too many, or what `connect` throws
   */
  async open(caller: string | undefined, connect: () => Promise<Switchboard>): Promise<Switchboard> {
    const limit = this.limit(caller);
    if (limit !== undefined) throw new MsnError("limited", `too many conversations: ${SENTENCES[limit]}`);
    const opening = { caller: caller && accountKey(caller) };
    this.#opening.add(opening);
    try {
      const board = await connect();
      this.#states.set(board, { owner: undefined, caller: opening.caller });
      return board;
    } finally {
      this.#opening.delete(opening);
    }
  }

  /** What there are too many of for another. */
  limit(by: string | undefined): BoardLimit | undefined {
    // Without those that are being left: they end within seconds.
    const open = [...this.#states].flatMap(([board, state]) => (board.isClosed ? [] : [state]));
    const callers = [...open, ...this.#opening].map(({ caller }) => caller);
    const isOver = (limit: BoardLimit, isOne: (caller: string) => boolean): boolean =>
      callers.filter((caller) => caller !== undefined && isOne(caller)).length >= MOST[limit];
    if (by !== undefined) {
      if (isOver("caller", (caller) => caller === accountKey(by))) return "caller";
      if (this.isStranger(by) && isOver("strangers", (caller) => this.isStranger(caller))) return "strangers";
      if (isOver("called", () => true)) return "called";
    }
    return callers.length >= MOST.all ? "all" : undefined;
  }

  /** The first of `conversations` that is to leave its switchboards for another one. */
  leaver(limit: BoardLimit, by: string | undefined, conversations: readonly Conversation[]): Conversation | undefined {
    const callers = ({ open }: Conversation): (string | undefined)[] =>
      open.map((board) => this.#states.get(board)?.caller);
    const isStrangers = (caller: string | undefined): boolean => caller !== undefined && this.isStranger(caller);
    const find = (isOne: (caller: string | undefined) => boolean): Conversation | undefined =>
      conversations.find((conversation) => callers(conversation).some(isOne));
    const ofStrangers = conversations.find((conversation) => callers(conversation).every(isStrangers));
    switch (limit) {
      case "caller":
        return find((caller) => caller === accountKey(by ?? ""));
      case "strangers":
        return ofStrangers ?? find(isStrangers);
      case "called":
        return ofStrangers ?? find((caller) => caller !== undefined);
      case "all":
        return ofStrangers ?? conversations[0];
    }
  }

  isStranger(caller: string): boolean {
    return !this.#acquaintances.knows(caller);
  }
}
