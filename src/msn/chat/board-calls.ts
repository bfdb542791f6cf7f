import { accountKey } from "../base/account.ts";
import { MsnError } from "../base/errors.ts";
import type { Connection } from "../net/connection.ts";
import { MAX_MEMBERS, type BoardMembers } from "./board-members.ts";

// docs/msnp.md 4.1.
const JOIN_TIMEOUT_MS = 30_000;

/** Calls people to a switchboard, and waits until they have joined. */
export class BoardCalls {
  readonly #connection: Connection;
  readonly #members: BoardMembers;
  /** Who was called and has not come yet. */
  readonly #calls = new Map<string, PromiseWithResolvers<void>>();

  constructor(connection: Connection, members: BoardMembers) {
    this.#connection = connection;
    this.#members = members;
  }

  /**
   * Calls a contact who is not there; called twice they are called once.
   * @throws MsnError `contact-offline`, `timeout` when their client does not come, or `rejected` when the board is full
   */
  async call(account: string): Promise<void> {
    const key = accountKey(account);
    if (this.#members.names.has(key)) return;
    const called = this.#calls.get(key);
    if (called !== undefined) return called.promise;
    if (this.#members.names.size >= MAX_MEMBERS)
      throw new MsnError("rejected", "nobody else fits into the conversation");
    const call = Promise.withResolvers<void>();
    this.#calls.set(key, call);
    const late = new MsnError("timeout", "the contact was called but did not join");
    const timer = this.#connection.clock.after(JOIN_TIMEOUT_MS, () => call.reject(late));
    this.#ask(account).catch((error: unknown) => call.reject(error));
    try {
      await call.promise;
    } finally {
      timer.cancel();
      this.#calls.delete(key);
    }
  }

  /** Whether somebody was called and may still come. */
  get isWaiting(): boolean {
    return this.#calls.size > 0;
  }

  /** A member has joined, or is said to be there. */
  joined(key: string): void {
    this.#calls.get(key)?.resolve();
  }

  /** Nobody will come any more. */
  end(error: MsnError): void {
    for (const call of this.#calls.values()) call.reject(error);
  }

  // Only JOI says that a member is there; the answer says at most that they are not coming (docs/msnp.md 4.1).
  async #ask(account: string): Promise<void> {
    try {
      await this.#connection.request("CAL", [account]);
    } catch (error) {
      // Called before, by us or another member, or here already: they may still come. We ourselves shall not.
      const isCalled = error instanceof MsnError && error.reason === "already-there";
      if (!isCalled || this.#members.isOwn(accountKey(account))) throw error;
    }
  }
}
