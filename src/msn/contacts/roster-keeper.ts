import type { ContactEvent } from "./events.ts";
import { EMPTY_ROSTER, applyChange, isRequest, withoutPresence, type Roster } from "./roster.ts";
import type { RosterChange } from "../dialect/roster-change.ts";
import { accountKey } from "../base/account.ts";

/** What is known of an account's contacts, and what is reported of it. */
export class RosterKeeper {
  readonly #report: (event: ContactEvent) => void;
  #roster = EMPTY_ROSTER;
  /** Whether there is a session whose lists are complete. */
  #isComplete = false;

  constructor(report: (event: ContactEvent) => void) {
    this.#report = report;
  }

  get roster(): Roster {
    return this.#roster;
  }

  /** A session begins: the lists come in anew. */
  begin(): void {
    this.#roster = EMPTY_ROSTER;
    this.#isComplete = false;
  }

  /** The lists are complete. Until now requests were part of them. */
  complete(): void {
    this.#isComplete = true;
    for (const contact of this.#roster.contacts.values()) this.#reportRequest(contact.account);
  }

  /** The session is over, and with it what was known of presence. */
  end(): void {
    this.#isComplete = false;
    this.#roster = withoutPresence(this.#roster);
  }

  /** Whether a contact is there. Of those who are not among our contacts the server says nothing. */
  presenceOf(account: string): "online" | "offline" | "unknown" {
    const contact = this.#roster.contacts.get(accountKey(account));
    if (!this.#isComplete || contact?.lists.has("FL") !== true) return "unknown";
    return contact.status === "FLN" ? "offline" : "online";
  }

  apply(change: RosterChange): void {
    this.#roster = applyChange(this.#roster, change);
    if (change.type === "presence" || change.type === "offline") return this.#reportPresence(change.account);
    // While the lists come in, the roster as a whole is the news.
    if (!this.#isComplete) return;
    this.#report({ type: "roster", change });
    if (change.type === "listed" && change.list === "RL") this.#reportRequest(change.account);
  }

  #reportPresence(spelling: string): void {
    const account = accountKey(spelling);
    const contact = this.#roster.contacts.get(account);
    if (contact === undefined) return;
    this.#report({ type: "presence", account, status: contact.status, name: contact.name });
  }

  #reportRequest(spelling: string): void {
    const account = accountKey(spelling);
    const contact = this.#roster.contacts.get(account);
    if (contact !== undefined && isRequest(contact)) this.#report({ type: "request", account, name: contact.name });
  }
}
