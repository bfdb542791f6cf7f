import type { Dialect } from "../dialect/dialect.ts";
import { MsnError } from "../base/errors.ts";
import { isRequest, type Roster } from "./roster.ts";
import type { ListName, Phone, RosterChange } from "../dialect/roster-change.ts";
import { accountKey } from "../base/account.ts";
import { encodeArgument, type Command } from "../wire/command.ts";

/** Asks the notification server for something; its answer has been folded into the roster when this resolves. */
export type Ask = (name: string, args: readonly string[]) => Promise<Command>;

export interface ContactListOptions {
  readonly own: string;
  /** Reads what the server answers. */
  readonly dialect: Pick<Dialect, "readRoster">;
  readonly ask: Ask;
  readonly roster: () => Roster;
  /** Told of what is so although the server has not said it. */
  readonly onChange: (change: RosterChange) => void;
  /** The account goes by another name. */
  readonly onRename: (name: string) => void;
}

// docs/msnp.md 3.4: what these numbers mean depends on what was asked.
const ALREADY_THERE = 215;
const NOT_THERE = [205, 216];
const NOT_IN_GROUP = [...NOT_THERE, 225];
const UNCHANGED = 218;

// Group 0 stands for "no group" (docs/msnp.md 3.2).
const NO_GROUP = "0";

/**
 * The account's lists, groups and settings on the server. Every method resolves once the server has agreed and throws
 * MsnError when it has not; what it says about things that are so already counts as agreement.
 */
export class ContactList {
  readonly #options: ContactListOptions;

  constructor(options: ContactListOptions) {
    this.#options = options;
  }

  /** Puts somebody on a list. On the forward list they may be put into a group. */
  async add(list: Exclude<ListName, "RL">, account: string, group?: string): Promise<void> {
    const add = async (...more: readonly string[]): Promise<boolean> =>
      this.#tolerating([ALREADY_THERE], "ADD", [list, account, account, ...more]);
    // Some servers put only those into a group who are on the list already (docs/msnp.md 3.4).
    if (group !== undefined && group !== NO_GROUP && !this.#isOn(list, account)) await add();
    await (group === undefined ? add() : add(group));
  }

  /** Takes somebody off a list, off the forward list with all her groups. */
  async remove(list: Exclude<ListName, "RL">, account: string): Promise<void> {
    const isGone = await this.#tolerating(NOT_THERE, "REM", [list, account]);
    // Today's servers say so of removals that they have carried out (docs/msnp.md 3.4).
    if (isGone && this.#isOn(list, account))
      this.#options.onChange({ type: "unlisted", list, account, group: undefined });
  }

  /** Makes somebody a contact whom we see and who sees us; also accepts her request. */
  async befriend(account: string, group?: string): Promise<void> {
    // First of all, because today's servers tell her state only if she was on some list before (docs/msnp.md 3.4).
    await this.#allow(account);
    await this.add("FL", account, group);
  }

  /** Lets somebody see and contact us. */
  async unblock(account: string): Promise<void> {
    await this.#allow(account);
  }

  /** Keeps somebody from seeing and contacting us; also declines her request. */
  async block(account: string): Promise<void> {
    // Removed first: official servers refuse people on both lists, today's keep them on both (docs/msnp.md 3.4).
    if (this.#isOn("AL", account)) await this.remove("AL", account);
    await this.add("BL", account);
  }

  /** Moves a contact from one group into another. */
  async move(account: string, from: string | undefined, to: string): Promise<void> {
    await this.add("FL", account, to);
    if (from !== undefined) await this.#tolerating(NOT_IN_GROUP, "REM", ["FL", account, from]);
  }

  /** The people who have us on their list and wait for an answer: `befriend`, `unblock` or `block`. */
  get requests(): string[] {
    return [...this.#options.roster().contacts.values()].filter(isRequest).map(({ account }) => account);
  }

  /** @returns the id of the new group */
  async addGroup(name: string): Promise<string> {
    const { ask, dialect } = this.#options;
    const group = dialect.readRoster(await ask("ADG", [encodeArgument(name), "0"]));
    if (group?.type !== "group") throw new MsnError("protocol", "the server made a group without an id");
    return group.id;
  }

  async renameGroup(id: string, name: string): Promise<void> {
    await this.#options.ask("REG", [id, encodeArgument(name), "0"]);
  }

  /** Removes a group; official servers remove the contacts that are in no other with it. */
  async removeGroup(id: string): Promise<void> {
    await this.#options.ask("RMG", [id]);
  }

  /** Sets the name that contacts see. */
  async rename(name: string): Promise<void> {
    await this.#options.ask("REA", [this.#options.own, encodeArgument(name)]);
    this.#options.onRename(name);
  }

  /** Sets a phone number of ours, at most 95 bytes when encoded; an empty one clears it. */
  async setPhone(phone: Phone, value: string): Promise<void> {
    const encoded = encodeArgument(value);
    // Today's servers close the connection over longer ones (docs/msnp.md 1.4).
    if (encoded.length > 95) throw new MsnError("rejected", "a phone number may have 95 bytes");
    await this.#options.ask("PRP", encoded === "" ? [phone] : [phone, encoded]);
  }

  /** AL: people on neither the allow nor the block list may see and contact us; BL: they may not. */
  async setPrivacy(privacy: "AL" | "BL"): Promise<void> {
    await this.#tolerating([UNCHANGED], "BLP", [privacy]);
  }

  /** Whether the person wants to be asked when somebody adds her; the server only keeps it. */
  async setAsksOnAdd(asksOnAdd: boolean): Promise<void> {
    await this.#tolerating([UNCHANGED], "GTC", [asksOnAdd ? "A" : "N"]);
  }

  async #allow(account: string): Promise<void> {
    if (this.#isOn("BL", account)) await this.remove("BL", account);
    await this.add("AL", account);
  }

  #isOn(list: ListName, account: string): boolean {
    return this.#options.roster().contacts.get(accountKey(account))?.lists.has(list) === true;
  }

  /** @returns whether the server said that it is so already */
  async #tolerating(numbers: readonly number[], name: string, args: readonly string[]): Promise<boolean> {
    try {
      await this.#options.ask(name, args);
      return false;
    } catch (error) {
      if (!(error instanceof MsnError) || !numbers.includes(error.serverCode ?? 0)) throw error;
      return true;
    }
  }
}
