import { PersistentMap } from "../../util/persistent-map.ts";
import type { ListName, Phone, RosterChange } from "../dialect/roster-change.ts";
import type { Status } from "../base/status.ts";
import { accountKey } from "../base/account.ts";
import { groupSet, listSet } from "./shared-sets.ts";
import { bounded, checkCount, MAX_CONTACTS, MAX_GROUPS } from "./roster-limits.ts";

/** An account on one of the user's lists, or one that the server spoke of. */
export interface Contact {
  /** As the server spells it; the roster's keys are lower case. */
  readonly account: string;
  /** The server's own name for them, in dialects that have one. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly lists: ReadonlySet<ListName>;
  /** The ids of the groups they are in. */
  readonly groups: ReadonlySet<string>;
  readonly phones: ReadonlyMap<Phone, string>;
  readonly status: Status;
  /** The unsigned number the contact's client announces, if it has said anything. */
  readonly capabilities: number;
}

/**
 * What is known of the account's contacts and settings; never changed, only replaced. What a line of the server costs does
 * not grow with the lists, since a roster shares with the next one what is the same in both.
 */
export interface Roster {
  readonly contacts: ReadonlyMap<string, Contact>;
  /** Names by id. */
  readonly groups: ReadonlyMap<string, string>;
  /** Our own phone numbers. */
  readonly phones: ReadonlyMap<Phone, string>;
  /** Whether people on neither the allow nor the block list may see and contact us: AL yes, BL no. */
  readonly privacy: "AL" | "BL";
  /** Whether the user wants to be asked when an account adds them; the server only keeps it. */
  readonly asksOnAdd: boolean;
  /** What the server counts its changes with; for information (docs/msnp.md 3.2). */
  readonly version: number;
  /** The contact that the last list line was about: phone numbers without an account are theirs. */
  readonly lastListed: string | undefined;
}

const NO_GROUPS = groupSet([]);
const NO_PHONES: ReadonlyMap<Phone, string> = new Map();

/** Nothing known yet. Without a word of the server people are asked, and strangers may see us (docs/msnp.md 3.2). */
export const EMPTY_ROSTER: Roster = {
  contacts: PersistentMap.from<string, Contact>([]),
  groups: PersistentMap.from<string, string>([]),
  phones: NO_PHONES,
  privacy: "AL",
  asksOnAdd: true,
  version: 0,
  lastListed: undefined,
};

/** Whether the account knows somebody (`Acquaintances`): a contact, or one who is allowed (docs/msnp.md 3.3). */
export function isAcquaintance({ contacts }: Pick<Roster, "contacts">, account: string): boolean {
  const lists = contacts.get(accountKey(account))?.lists;
  return lists !== undefined && (lists.has("FL") || lists.has("AL"));
}

/** Whether an account has us on its list and waits for our decision (docs/msnp.md 3.3). */
export function isRequest({ lists }: Contact): boolean {
  return lists.has("RL") && !lists.has("FL") && !lists.has("AL") && !lists.has("BL");
}

/**
 * The roster after `change`. Contacts that are on no list yet are made as they are mentioned; long names are cut.
 * @throws MsnError `protocol` when the roster would become larger than any honest server lets it
 */
export function applyChange(roster: Roster, change: RosterChange): Roster {
  const after = fold(roster, bounded(change));
  checkCount("contacts", after.contacts.size, MAX_CONTACTS);
  checkCount("groups", after.groups.size, MAX_GROUPS);
  return after;
}

function fold(roster: Roster, change: RosterChange): Roster {
  switch (change.type) {
    case "group":
      return { ...roster, groups: PersistentMap.from(roster.groups).with(change.id, change.name) };
    case "group-removed":
      return withoutGroup(roster, change.id);
    case "contact":
      return listContact(roster, change);
    case "presence": {
      const { status, capabilities } = change;
      return withContact(roster, change.account, ({ name }) => ({
        // The same in another piece of memory would be kept twice for a while.
        name: change.name === "" || change.name === name ? name : change.name,
        status,
        capabilities,
      }));
    }
    case "offline":
      return withContact(roster, change.account, () => ({ status: "FLN" }));
    case "phone":
      return withPhone(roster, change.account ?? roster.lastListed, change.phone, change.value);
    case "own-phone":
      return { ...roster, phones: setPhone(roster.phones, change.phone, change.value) };
    case "privacy":
      return { ...roster, privacy: change.privacy };
    case "asks-on-add":
      return { ...roster, asksOnAdd: change.asksOnAdd };
    case "listed":
      return addToList(roster, change);
    case "unlisted":
      return removeFromList(roster, change);
    case "version":
      return { ...roster, version: change.version };
  }
}

/** The roster with all contacts offline: nothing is known of presence while there is no session. */
export function withoutPresence(roster: Roster): Roster {
  return withContacts(
    roster,
    ({ status }) => status !== "FLN",
    () => ({ status: "FLN" }),
  );
}

function listContact(roster: Roster, change: Extract<RosterChange, { type: "contact" }>): Roster {
  const { account, id, name, groups } = change;
  const lists = listSet(change.lists);
  const after = withContact(roster, account, () => ({ account, ...idOf(id), name, lists, groups }));
  return { ...after, lastListed: account };
}

function addToList(roster: Roster, change: Extract<RosterChange, { type: "listed" }>): Roster {
  const { account, id, name, list, group } = change;
  return withContact(roster, account, (before) => {
    const groups = group === undefined ? before.groups : groupSet([...before.groups, group]);
    checkCount("groups of a contact", groups.size, MAX_GROUPS);
    const lists = listSet([...before.lists, list]);
    return { ...idOf(id), name: isNamed(before) || name === "" ? before.name : name, lists, groups };
  });
}

// A group that is named takes the contact out of that group only; without one, off the list and out of all groups.
function removeFromList(roster: Roster, change: Extract<RosterChange, { type: "unlisted" }>): Roster {
  const { account, list, group } = change;
  if (roster.contacts.get(accountKey(account)) === undefined) return roster;
  const after = withContact(roster, account, (before) => {
    if (group !== undefined) return { groups: withoutId(before.groups, group) };
    const lists = listSet([...before.lists].filter((other) => other !== list));
    return list === "FL" ? { lists, groups: NO_GROUPS } : { lists };
  });
  const key = accountKey(account);
  if ((after.contacts.get(key)?.lists.size ?? 0) > 0) return after;
  return { ...after, contacts: PersistentMap.from(after.contacts).without(key) };
}

// Here alone a line is about all contacts in a group; the others are looked at and not copied.
function withoutGroup(roster: Roster, id: string): Roster {
  const after = withContacts(
    roster,
    ({ groups }) => groups.has(id),
    ({ groups }) => ({ groups: withoutId(groups, id) }),
  );
  return { ...after, groups: PersistentMap.from(roster.groups).without(id) };
}

/** The roster with those contacts changed that a change is about. */
function withContacts(
  roster: Roster,
  isMeant: (contact: Contact) => boolean,
  change: (before: Contact) => Partial<Contact>,
): Roster {
  let contacts = PersistentMap.from(roster.contacts);
  for (const [key, contact] of roster.contacts)
    if (isMeant(contact)) contacts = contacts.with(key, changed(contact, change(contact)));
  return { ...roster, contacts };
}

function withPhone(roster: Roster, account: string | undefined, phone: Phone, value: string): Roster {
  if (account === undefined) return roster;
  return withContact(roster, account, ({ phones }) => ({ phones: setPhone(phones, phone, value) }));
}

function setPhone(phones: ReadonlyMap<Phone, string>, phone: Phone, value: string): ReadonlyMap<Phone, string> {
  const after = new Map(phones);
  if (value === "") after.delete(phone);
  else after.set(phone, value);
  return after.size === 0 ? NO_PHONES : after;
}

function withContact(roster: Roster, account: string, change: (before: Contact) => Partial<Contact>): Roster {
  const key = accountKey(account);
  const before = roster.contacts.get(key) ?? stranger(account);
  return { ...roster, contacts: PersistentMap.from(roster.contacts).with(key, changed(before, change(before))) };
}

// Written out, because what is spread takes more memory, and there are very many of them.
function changed(before: Contact, after: Partial<Contact>): Contact {
  const { account, id, name, lists, groups, phones, status, capabilities } = { ...before, ...after };
  const contact = { account, name, lists, groups, phones, status, capabilities };
  return id === undefined ? contact : { ...contact, id };
}

function stranger(account: string): Contact {
  return {
    account,
    name: account,
    lists: listSet([]),
    groups: NO_GROUPS,
    phones: NO_PHONES,
    status: "FLN",
    capabilities: 0,
  };
}

function idOf(id: string | undefined): { id?: string } {
  return id === undefined ? {} : { id };
}

function isNamed({ account, name }: Contact): boolean {
  return accountKey(account) !== accountKey(name);
}

function withoutId(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return groupSet([...ids].filter((other) => other !== id));
}
