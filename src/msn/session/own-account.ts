import type { RosterChange } from "../dialect/roster-change.ts";
import { accountKey } from "../base/account.ts";

/** Leaves out what a server says of our own account as if it were a contact: nobody is a contact of their own. */
export class OwnAccountFilter {
  readonly #own: string;
  // Telephone numbers without an account belong to the last contact of the lists.
  #isLastListed = false;

  constructor(account: string) {
    this.#own = accountKey(account);
  }

  /** Whether a change is about anything but our own account. Changes have to be given in order. */
  passes(change: RosterChange): boolean {
    if (!("account" in change)) return true;
    const isOwn = change.account === undefined ? this.#isLastListed : accountKey(change.account) === this.#own;
    if (change.type === "contact") this.#isLastListed = isOwn;
    return !isOwn;
  }
}
