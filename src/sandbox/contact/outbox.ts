import type { Clock, Timer } from "../../util/clock.ts";
import type { SandboxSwitchboard } from "../network/switchboard.ts";

const TIME_TO_JOIN = 5000;
const MOST_WAITING = 10_000;

export interface OutboxOptions {
  readonly clock: Clock;
  readonly to: string;
  /** The switchboard that is shared with them, if there is one. */
  readonly board: () => SandboxSwitchboard | undefined;
  /** Calls them to a new switchboard; undefined when they cannot be called. */
  readonly open: () => SandboxSwitchboard | undefined;
  readonly relay: (board: SandboxSwitchboard, payload: Buffer) => void;
  readonly giveUp: (board: SandboxSwitchboard) => void;
}

interface Waiting {
  readonly payload: Buffer;
  readonly done: PromiseWithResolvers<void>;
}

/** What a contact has to say to one person: kept while they are being called, handed over in order. */
export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Waiting[] = [];
  #calling: { readonly board: SandboxSwitchboard; readonly timer: Timer } | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  async send(payload: Buffer): Promise<void> {
    const { board, relay, to } = this.#options;
    const shared = this.#calling === undefined ? board() : undefined;
    if (shared !== undefined) {
      relay(shared, payload);
      return;
    }
    if (this.#waiting.length >= MOST_WAITING) throw new Error(`more than ${MOST_WAITING} messages wait for ${to}`);
    if (this.#calling === undefined) this.#call();
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ payload, done });
    await done.promise;
  }

  /** They have come to `board`; by now they may have left it again. */
  joined(board: SandboxSwitchboard): void {
    const to = this.#options.to.toLowerCase();
    const isThere = board.members.some(({ account }) => account.passport.toLowerCase() === to);
    if (this.#calling?.board !== board || !isThere) return;
    this.#calling.timer.cancel();
    this.#calling = undefined;
    for (const { payload, done } of this.#waiting.splice(0)) {
      this.#options.relay(board, payload);
      done.resolve();
    }
  }

  /** Everything that waits is rejected; the switchboard that was opened for it is left. */
  fail(reason: string): void {
    const calling = this.#calling;
    this.#calling = undefined;
    calling?.timer.cancel();
    for (const { done } of this.#waiting.splice(0)) done.reject(new Error(reason));
    if (calling !== undefined) this.#options.giveUp(calling.board);
  }

  #call(): void {
    const { clock, to, open } = this.#options;
    const board = open();
    if (board === undefined) throw new Error(`${to} is offline or lets nobody call`);
    const timer = clock.after(TIME_TO_JOIN, () => this.fail(`${to} did not answer the call`));
    this.#calling = { board, timer };
  }
}
