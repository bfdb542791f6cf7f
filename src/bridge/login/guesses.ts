import type { Store } from "../../store/store.ts";
import type { WrongPasswords } from "../../store/wrong-passwords.ts";
import type { BaseScope } from "../base/scope.ts";

interface Allowance {
  /** How many wrong passwords are free. */
  readonly free: number;
  /** Within how long, in milliseconds; so long is the first wait as well. */
  readonly withinMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// People mistype, and have several passwords in mind.
const ONE_ACCOUNT: Allowance = { free: 5, withinMs: 15 * MINUTE_MS };
// The accounts of a family, each mistyped a few times.
const ALL_ACCOUNTS: Allowance = { free: 15, withinMs: 15 * MINUTE_MS };
const LONGEST_WAIT_MS = DAY_MS;
const FORGOTTEN_MS = LONGEST_WAIT_MS + DAY_MS;
const ALL = "";

/** How long a user has to wait after so many wrong passwords until the next may be tried, in milliseconds. */
function waitAfter(wrong: WrongPasswords | undefined, { free, withinMs }: Allowance): number {
  if (wrong === undefined || wrong.count < free) return 0;
  const wait = Math.min(LONGEST_WAIT_MS, withinMs * 2 ** Math.min(30, wrong.count - free));
  return Math.max(0, wait - wrong.agoMs);
}

/** How many there are after one more. */
function oneMore(wrong: WrongPasswords | undefined, { free, withinMs }: Allowance): number {
  if (wrong === undefined || wrong.agoMs >= FORGOTTEN_MS) return 1;
  const isForgiven = wrong.count < free && wrong.agoMs >= withinMs;
  return isForgiven ? 1 : wrong.count + 1;
}

/**
 * How many passwords a user may try: five wrong ones for an account in a quarter of an hour, fifteen for all accounts
 * together, and then one after each wait, which doubles. Each user has their own: what others try makes nobody wait. A right
 * password ends the waits for its account, but not those for all, or who guesses would sign in to an own account in between.
 */
export class Guesses {
  readonly #scope: Pick<BaseScope, "store" | "log">;
  readonly #table: Store["wrongPasswords"];

  constructor(scope: Pick<BaseScope, "store" | "log">) {
    this.#scope = scope;
    this.#table = scope.store.wrongPasswords;
  }

  /** How long a user has to wait until a password of an account may be tried, in milliseconds. */
  wait(owner: string, account: string): number {
    return Math.max(
      waitAfter(this.#table.find(owner, account), ONE_ACCOUNT),
      waitAfter(this.#table.find(owner, ALL), ALL_ACCOUNTS),
    );
  }

  wrong(owner: string, account: string): void {
    const [one, all] = [this.#table.find(owner, account), this.#table.find(owner, ALL)];
    this.#scope.store.batch(() => {
      this.#table.forgetOlder(FORGOTTEN_MS);
      this.#table.save(owner, account, oneMore(one, ONE_ACCOUNT));
      this.#table.save(owner, ALL, oneMore(all, ALL_ACCOUNTS));
    });
    const wait = this.wait(owner, account);
    if (wait > 0)
      this.#scope.log.warn({ owner, account, wait }, "a user gave too many wrong passwords, and has to wait");
  }

  right(owner: string, account: string): void {
    this.#table.delete(owner, account);
  }
}
