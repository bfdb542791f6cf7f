import type { EventSink } from "../base/event-sink.ts";
import type { KnownContacts } from "../dialect/dialect.ts";
import type { ContactEvent } from "./events.ts";
import { EMPTY_ROSTER, applyChange, isAcquaintance, isRequest, withoutPresence, type Roster } from "./roster.ts";
import type { RosterChange } from "../dialect/roster-change.ts";
import { accountKey } from "../base/account.ts";
import type { Acquaintances } from "../base/acquaintances.ts";

/** What is known of an account's contacts, and what is reported of it. */
export class RosterKeeper implements KnownContacts, Acquaintances {
  readonly #events: EventSink<ContactEvent>;
  #roster = EMPTY_ROSTER;
  /** What was known before a session whose lists are not complete yet. */
  #earlier = EMPTY_ROSTER;
  /** Whether there is a session whose lists are complete. */
  #isComplete = false;

  constructor(events: EventSink<ContactEvent>) {
    this.#events = events;
  }

  get roster(): Roster {
    return this.#roster;
  }

  /** A session begins: the lists are sent again. */
  begin(): void {
    if (this.#earlier === EMPTY_ROSTER) this.#earlier = this.#roster;
    this.#roster = EMPTY_ROSTER;
    this.#isComplete = false;
  }

  /** The lists are complete. Until now requests were part of them. */
  complete(): void {
    this.#isComplete = true;
    this.#earlier = EMPTY_ROSTER;
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

  knows(account: string): boolean {
    return [this.#roster, this.#earlier].some((roster) => isAcquaintance(roster, account));
  }

  accountOf(id: string): string | undefined {
    for (const contact of this.#roster.contacts.values()) if (contact.id === id) return contact.account;
    return undefined;
  }

  apply(change: RosterChange): void {
    this.#roster = applyChange(this.#roster, change);
    if (change.type === "presence" || change.type === "offline") return this.#reportPresence(change.account);
    // While the lists come in, the roster as a whole is the news.
    if (!this.#isComplete) return;
    this.#events.report({ type: "roster", change });
    if (change.type === "listed" && change.list === "RL") this.#reportRequest(change.account);
  }

  #reportPresence(spelling: string): void {
    const contact = this.#roster.contacts.get(accountKey(spelling));
    if (contact === undefined) return;
    const { status, name } = contact;
    // As it is kept here, so that those who keep it too share it.
    this.#events.report({ type: "presence", account: accountKey(contact.account), status, name });
  }

  #reportRequest(spelling: string): void {
    const account = accountKey(spelling);
    const contact = this.#roster.contacts.get(account);
    if (contact !== undefined && isRequest(contact))
      this.#events.report({ type: "request", account, name: contact.name });
  }
}
