import {
  accountKey,
  isRequest,
  MsnError,
  type Contact,
  type ContactList,
  type Roster,
  type RosterChange,
} from "../../msn/index.ts";
import { later } from "../../util/clock.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { labelOf } from "../../convert/names.ts";
import type { Topic } from "../base/owner-notices.ts";
import type { SessionState } from "../session/session.ts";
import type { LoginScope } from "../scope/login-scope.ts";

type RequestLists = Pick<ContactList, "requests" | "befriend" | "block">;

interface RequestsScope extends Pick<LoginScope, "row" | "settings" | "notices" | "clock" | "log" | "signal"> {
  readonly store: Pick<LoginScope["store"], "said" | "batch">;
  readonly session: {
    readonly lists: RequestLists | undefined;
    readonly roster: Pick<Roster, "contacts"> | undefined;
  };
}

// Signing in tells all of them at once, and a decision is more than one change.
const GATHER_MS = 200;
// More than these in one go are told in one notice. Whoever asks one by one does not get more: the next are gathered.
const AT_ONCE = 20;
const ASKED_RATE = { burst: AT_ONCE, everyMs: 3000, isStrict: true };
const FLOOD_GATHER_MS = 60_000;
const NAMED = 10;
/** The request has a notice of its own, or stood with others in one. */
const [ASKED, LISTED] = ["asked ", "listed "] as const;
/** It is being accepted without a question: that is several changes, and the session may end between them. */
const ACCEPTING = "accepting ";

/** Accounts that have added the owner and wait for a decision. The owner is asked about each of them once. */
export class ContactRequests {
  readonly #scope: RequestsScope;
  readonly #fresh = new Set<string>();
  readonly #asks: RateLimit;
  /** Those whose lists have changed. */
  readonly #touched = new Set<string>();

  constructor(scope: RequestsScope) {
    this.#scope = scope;
    this.#asks = new RateLimit(scope.clock, ASKED_RATE);
  }

  /** An account waits for a decision; each session reports it again. */
  came(account: string): void {
    const { clock, signal } = this.#scope;
    const key = accountKey(account);
    this.#fresh.add(key);
    if (this.#fresh.size > 1) return;
    const wait = this.#asks.wait() > 0 ? FLOOD_GATHER_MS : GATHER_MS;
    later(clock, wait, signal, () => this.#safely(() => this.#decide()));
  }

  /** The server has changed a list: the request may have been decided. */
  changed(change: RosterChange): void {
    if (change.type !== "listed" && change.type !== "unlisted") return;
    const { clock, signal } = this.#scope;
    this.#touched.add(accountKey(change.account));
    // A decision changes several lists, one after the other.
    if (this.#touched.size === 1) later(clock, GATHER_MS, signal, () => this.#safely(() => this.#lookAtTouched()));
  }

  /** After signing in: requests may have been decided through another client. */
  see(state: SessionState): void {
    if (state.type !== "connected") return;
    this.#safely(() => {
      const noted = this.#scope.store.said.list(this.#place);
      for (const what of noted) this.#look(what.slice(what.indexOf(" ") + 1));
      const begun = noted.filter((what) => what.startsWith(ACCEPTING)).map((what) => what.slice(ACCEPTING.length));
      this.#answerAll(begun, "accept");
    });
  }

  // The disk may be full; after the next sign-in everything is looked at again.
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#scope.log.error({ error, login: this.#scope.row.id }, "requests could not be looked at");
    }
  }

  /** What the notes about the requests of this login stand under. */
  get #place(): string {
    return `requests/${this.#scope.row.id}`;
  }

  #lookAtTouched(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const account of touched) this.#look(account);
  }

  #decide(): void {
    const { session, settings, store } = this.#scope;
    const waiting = new Set(session.lists?.requests.map(accountKey));
    // Those that are gone, or all, because the session is: they are reported again.
    const fresh = [...this.#fresh].filter((account) => waiting.has(account) && !this.#isTold(account));
    this.#fresh.clear();
    if (fresh.length === 0) return;
    if (settings.requests === "ask") return store.batch(() => this.#ask(fresh));
    this.#answerAll(fresh, settings.requests);
  }

  #answerAll(accounts: readonly string[], answer: "accept" | "decline"): void {
    this.#answer(accounts, answer).catch((error: unknown) =>
      this.#scope.log.error({ error, login: this.#scope.row.id }, "requests could not be answered"),
    );
  }

  #ask(accounts: readonly string[]): void {
    const { store, row, notices } = this.#scope;
    const isMany = accounts.length > AT_ONCE;
    for (const account of accounts) {
      store.said.once(this.#place, `${isMany ? LISTED : ASKED}${account}`);
      if (isMany) continue;
      this.#asks.count();
      const name = `${account} ${row.server}/${accountKey(row.passport)}`;
      const answers = [
        ["✅", `accept ${name}`],
        ["❌", `decline ${name}`],
      ] satisfies Topic["answers"];
      const asking =
        `${this.#label(account)} has added ${row.passport} on MSN and waits for your answer. React with ✅ to accept ` +
        `or with ❌ to decline, or say accept ${account} or decline ${account}.`;
      notices.tell(row.owner, asking, { about: this.#about(account), answers });
    }
    if (!isMany) return;
    const named = accounts.slice(0, NAMED).map((account) => this.#label(account));
    notices.tell(
      row.owner,
      `${accounts.length} people have added ${row.passport} on MSN and wait for your answer: ${named.join(", ")} and ` +
        `${accounts.length - NAMED} more. Say requests to see them all, and accept <e-mail> or decline <e-mail>.`,
    );
  }

  // One notice for all that come together, since the owner need not do anything.
  async #answer(accounts: readonly string[], answer: "accept" | "decline"): Promise<void> {
    const { session, row, store, notices, log } = this.#scope;
    const done: string[] = [];
    for (const account of accounts) {
      const label = this.#label(account);
      const { lists, roster } = session;
      // Those who are left when the session ends are reported again by the next one, which may be there already.
      if (lists === undefined) continue;
      if (!isUndecided(roster?.contacts.get(account))) {
        store.said.forget(this.#place, ACCEPTING + account);
        continue;
      }
      try {
        if (answer === "accept") await this.#accept(lists, account);
        else await lists.block(account);
        done.push(label);
      } catch (error) {
        if (!(error instanceof MsnError)) throw error;
        log.warn({ error: error.message, login: row.id }, "a request could not be answered");
      }
    }
    if (done.length === 0) return;
    const shown = done.length > NAMED ? [...done.slice(0, NAMED), `${done.length - NAMED} more`] : done;
    notices.tell(
      row.owner,
      answer === "accept"
        ? `Added to the contacts of ${row.passport}, because they have added you: ${shown.join(", ")}.`
        : `Declined, because this bridge declines all who add ${row.passport}: ${shown.join(", ")}. ` +
            "Say accept <e-mail> to accept somebody all the same.",
    );
  }

  async #accept(lists: RequestLists, account: string): Promise<void> {
    const { said } = this.#scope.store;
    said.once(this.#place, ACCEPTING + account);
    await lists.befriend(account);
    said.forget(this.#place, ACCEPTING + account);
  }

  /** Says that a request which the owner was asked about is decided, if it is. */
  #look(account: string): void {
    const { store, session, row, notices } = this.#scope;
    const { roster } = session;
    if (roster === undefined || !this.#isTold(account)) return;
    const contact = roster.contacts.get(account);
    if (contact !== undefined && isRequest(contact)) return;
    store.batch(() => {
      const isAsked = store.said.has(this.#place, ASKED + account);
      for (const kind of [ASKED, LISTED]) store.said.forget(this.#place, kind + account);
      if (isAsked) notices.tell(row.owner, decision(account, contact), { about: this.#about(account), isLast: true });
    });
  }

  #isTold(account: string): boolean {
    const { said } = this.#scope.store;
    return said.has(this.#place, ASKED + account) || said.has(this.#place, LISTED + account);
  }

  #about(account: string): string {
    return `request/${this.#scope.row.id}/${account}`;
  }

  #label(account: string): string {
    return labelOf(account, this.#scope.session.roster?.contacts.get(account)?.name);
  }
}

// An account that is allowed may be about to become a contact.
function isUndecided(contact: Contact | undefined): boolean {
  return contact !== undefined && contact.lists.has("RL") && !contact.lists.has("FL") && !contact.lists.has("BL");
}

function decision(account: string, contact: Contact | undefined): string {
  const who = labelOf(account, contact?.name);
  if (contact?.lists.has("FL") === true) return `✅ You accepted ${who}, who is one of your contacts now.`;
  if (contact?.lists.has("BL") === true) return `❌ You declined ${who}, who can neither see you nor write to you.`;
  if (contact?.lists.has("AL") === true) return `✅ You allowed ${who} to see you and to write to you.`;
  return `${who} does not wait for your answer any more.`;
}
