import type { AnswerListener } from "../net/connection.ts";
import { accountKey } from "../base/account.ts";
import { clampText, keptKey } from "../base/clamp.ts";
import { MsnError } from "../base/errors.ts";

/** The most others that a switchboard may have, far more than people put into one. */
export const MAX_MEMBERS = 100;

// Of one person.
const MAX_PROGRAMS = 20;

/**
 * Who is on a switchboard, by lower-case account. In later dialects one person may be there with several programs, each of
 * which the server names by itself, and is there as long as one of them is. We ourselves never are.
 */
export class BoardMembers {
  readonly #own: string;
  readonly #names = new Map<string, string>();
  /** As they are spelled. */
  readonly #programs = new Map<string, Set<string>>();

  /** @param account our own */
  constructor(account: string) {
    this.#own = accountKey(account);
  }

  /** Lower-case account to display name. */
  get names(): ReadonlyMap<string, string> {
    return this.#names;
  }

  /** Of itself every account is told where it is; in later dialects also with its other programs (docs/msnp.md 4.3). */
  isOwn(key: string): boolean {
    return key === this.#own;
  }

  /**
   * A member is there.
   * @returns under which key and name, and whether they have just come: some servers repeat it for members who never left
   * (docs/msnp.md 8.3)
   * @throws MsnError `protocol` when there are too many
   */
  join(account: string, name: string): { key: string; name: string; isNew: boolean } | undefined {
    const key = accountKey(keptKey(account));
    if (this.isOwn(key)) return undefined;
    const isNew = !this.#names.has(key);
    if (isNew && this.#names.size >= MAX_MEMBERS)
      throw new MsnError("protocol", `the server names more than ${MAX_MEMBERS} people on one switchboard`);
    const text = clampText(name);
    this.#names.set(key, text);
    const programs = this.#programs.get(key) ?? new Set();
    if (programs.size < MAX_PROGRAMS) this.#programs.set(key, programs.add(account.toLowerCase()));
    return { key, name: text, isNew };
  }

  /**
   * An account, or one program of it, has left; without a name of a program, all of them have.
   * @returns the key of the member who is not there any more
   */
  leave(account: string): string | undefined {
    const key = accountKey(account);
    const programs = this.#programs.get(key);
    if (programs?.delete(account.toLowerCase()) && isProgram(account) && programs.size > 0) return undefined;
    this.#programs.delete(key);
    return this.#names.delete(key) ? key : undefined;
  }
}

// docs/msnp.md 1.4.
function isProgram(account: string): boolean {
  return account.endsWith("}");
}

/**
 * How many were on the board when the server said what became of a message. A BYE read before the ACK means that the
 * message met an empty board; one read after it means nothing.
 */
export class Witnesses implements AnswerListener {
  readonly #members: BoardMembers;
  #count = 0;

  constructor(members: BoardMembers) {
    this.#members = members;
  }

  get count(): number {
    return this.#count;
  }

  onAnswer(): void {
    this.#count = this.#members.names.size;
  }
}
