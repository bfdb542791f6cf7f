import { MsnError } from "../base/errors.ts";
import { accountKey } from "../base/account.ts";
import type { ContactKey, Dialect } from "../dialect/dialect.ts";
import type { ListName, Phone } from "../dialect/roster-change.ts";
import type { ServerRequest } from "../dialect/server-request.ts";
import { isRequest } from "./roster.ts";
import type { RosterKeeper } from "./roster-keeper.ts";

/** What a contact list asks its server with. */
export interface ContactServer {
  /** Resolves once what the answer says is in the roster. @throws MsnError */
  ask<T>(request: ServerRequest<T>): Promise<T>;
  /** The account goes by another name. */
  onOwnName(name: string): void;
}

/**
 * The account's lists, groups and settings on the server. Every method resolves once the server has agreed and throws
 * MsnError when it has not; what it says about things that are so already counts as agreement.
 */
export class ContactList {
  readonly #account: string;
  readonly #dialect: Dialect;
  readonly #server: ContactServer;
  readonly #roster: RosterKeeper;

  /** Made by `MsnClient`. */
  constructor(account: string, dialect: Dialect, server: ContactServer, roster: RosterKeeper) {
    this.#account = account;
    this.#dialect = dialect;
    this.#server = server;
    this.#roster = roster;
  }

  /** Puts an account on a list. On the forward list they may be put into a group. */
  async add(list: Exclude<ListName, "RL">, account: string, group?: string): Promise<void> {
    // Some servers put only those into a group who are on the list already (docs/msnp.md 3.4).
    if (group !== undefined && group !== this.#dialect.noGroup && !this.#isOn(list, account))
      await this.#change(this.#dialect.addToList(list, this.#keyOf(account)));
    await this.#change(this.#dialect.addToList(list, this.#keyOf(account), group));
  }

  /** Takes an account off a list, off the forward list with all their groups. */
  async remove(list: Exclude<ListName, "RL">, account: string): Promise<void> {
    const isGone = await this.#change(this.#dialect.removeFromList(list, this.#keyOf(account)));
    // Today's servers say so of removals that they have carried out (docs/msnp.md 3.4).
    if (isGone && this.#isOn(list, account)) this.#roster.apply({ type: "unlisted", list, account, group: undefined });
  }

  /** Makes an account a contact whom we see and who sees us; also accepts their request. */
  async befriend(account: string, group?: string): Promise<void> {
    // First of all, because today's servers tell their state only if they were on some list before (docs/msnp.md 3.4).
    await this.#allow(account);
    await this.add("FL", account, group);
  }

  /** Lets an account see and contact us. */
  async unblock(account: string): Promise<void> {
    await this.#allow(account);
  }

  /** Keeps an account from seeing and contacting us; also declines their request. */
  async block(account: string): Promise<void> {
    // Removed first: official servers refuse people on both lists, today's keep them on both (docs/msnp.md 3.4).
    if (this.#isOn("AL", account)) await this.remove("AL", account);
    await this.add("BL", account);
  }

  /** Moves a contact from one group into another. */
  async move(account: string, from: string | undefined, to: string): Promise<void> {
    await this.add("FL", account, to);
    if (from !== undefined) await this.#change(this.#dialect.removeFromList("FL", this.#keyOf(account), from));
  }

  /** The people who have us on their list and wait for an answer: `befriend`, `unblock` or `block`. */
  get requests(): string[] {
    return [...this.#roster.roster.contacts.values()].filter(isRequest).map(({ account }) => account);
  }

  /** @returns the id of the new group */
  async addGroup(name: string): Promise<string> {
    return this.#server.ask(this.#dialect.addGroup(name));
  }

  async renameGroup(id: string, name: string): Promise<void> {
    await this.#server.ask(this.#dialect.renameGroup(id, name));
  }

  /** Removes a group; official servers remove the contacts that are in no other with it. */
  async removeGroup(id: string): Promise<void> {
    await this.#server.ask(this.#dialect.removeGroup(id));
  }

  /** Sets the name that contacts see. */
  async rename(name: string): Promise<void> {
    await this.#server.ask(this.#dialect.rename(this.#account, name));
    this.#server.onOwnName(name);
  }

  /** Sets a phone number of ours, at most 95 bytes when encoded; an empty one clears it. */
  async setPhone(phone: Phone, value: string): Promise<void> {
    await this.#server.ask(this.#dialect.setPhone(phone, value));
  }

  /** AL: people on neither the allow nor the block list may see and contact us; BL: they may not. */
  async setPrivacy(privacy: "AL" | "BL"): Promise<void> {
    await this.#change(this.#dialect.setPrivacy(privacy));
  }

  /** Whether the user wants to be asked when an account adds them; the server only keeps it. */
  async setAsksOnAdd(asksOnAdd: boolean): Promise<void> {
    await this.#change(this.#dialect.setAsksOnAdd(asksOnAdd));
  }

  async #allow(account: string): Promise<void> {
    if (this.#isOn("BL", account)) await this.remove("BL", account);
    await this.add("AL", account);
  }

  #isOn(list: ListName, account: string): boolean {
    return this.#roster.roster.contacts.get(accountKey(account))?.lists.has(list) === true;
  }

  #keyOf(account: string): ContactKey {
    return { account, id: this.#roster.roster.contacts.get(accountKey(account))?.id };
  }

  /** @returns whether the server said that it is so already */
  async #change(request: ServerRequest): Promise<boolean> {
    try {
      await this.#server.ask(request);
      return false;
    } catch (error) {
      if (!(error instanceof MsnError && error.reason && request.settledBy?.includes(error.reason))) throw error;
      return true;
    }
  }
}
