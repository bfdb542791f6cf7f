import { plainName } from "../../convert/to-matrix.ts";
import type { Roster } from "../../msn/index.ts";
import {
  changeLists,
  contactOf,
  notSignedIn,
  type ListFailure,
  type ListLogin,
  type NotSignedIn,
  type Person,
} from "./lists.ts";

/** A group of contacts. */
export interface ContactGroup {
  readonly id: string;
  readonly name: string;
}

/** What a group may be called: the first of these that there is is meant. */
export type GroupName = readonly string[];

/** There is no group of that name. */
export interface NoGroup {
  readonly type: "no-group";
  readonly name: string;
  /** The groups that there are. */
  readonly known: readonly string[];
}

export type GroupOutcome =
  | { readonly type: "group-added"; readonly name: string }
  | { readonly type: "group-renamed"; readonly from: string; readonly to: string }
  | { readonly type: "group-removed"; readonly name: string }
  | { readonly type: "moved"; readonly who: Person; readonly group: string }
  | { readonly type: "group-nameless" }
  | { readonly type: "no-contact"; readonly account: string }
  | { readonly type: "already-in-group"; readonly group: string }
  | NoGroup
  | ListFailure;

/** The groups in the order of their names. */
export function groupsOf(roster: Roster): ContactGroup[] {
  const all = [...roster.groups].map(([id, name]) => ({ id, name: plainName(name) }));
  return all.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The group of a name, in any case. */
export function findGroup(roster: Roster, names: GroupName): ContactGroup | NoGroup {
  const groups = groupsOf(roster);
  const wanted = names.map((one) => one.toLowerCase());
  const found = wanted.flatMap((one) => groups.find(({ name }) => name.toLowerCase() === one) ?? []).at(0);
  if (found !== undefined) return found;
  return { type: "no-group", name: plainName(names.at(-1) ?? ""), known: groups.map(({ name }) => name) };
}

export function hasGroup({ session }: ListLogin, names: GroupName): boolean {
  return session.roster !== undefined && "id" in findGroup(session.roster, names);
}

/** The groups of a login, with how many contacts are in each. */
export function listGroups(login: ListLogin): ReadonlyArray<ContactGroup & { readonly count: number }> | NotSignedIn {
  const { roster } = login.session;
  if (roster === undefined) return notSignedIn(login);
  const contacts = [...roster.contacts.values()].filter(({ lists }) => lists.has("FL"));
  return groupsOf(roster).map(({ id, name }) => ({
    id,
    name,
    count: contacts.filter(({ groups }) => groups.has(id)).length,
  }));
}

export async function addGroup(login: ListLogin, called: string): Promise<GroupOutcome> {
  const name = plainName(called);
  if (name === "") return { type: "group-nameless" };
  return changeLists(login, name, async (lists) => {
    await lists.addGroup(name);
    return { type: "group-added", name };
  });
}

export async function renameGroup(login: ListLogin, names: GroupName, called: string): Promise<GroupOutcome> {
  const name = plainName(called);
  return changeLists<GroupOutcome>(login, name, async (lists, roster) => {
    const group = findGroup(roster, names);
    if (!("id" in group)) return group;
    if (name === "") return { type: "group-nameless" };
    await lists.renameGroup(group.id, name);
    return { type: "group-renamed", from: group.name, to: name };
  });
}

/** A group that is to be removed, and who is in no other: official servers remove these with it (docs/msnp.md 3.4). */
export function groupToRemove(
  login: ListLogin,
  names: GroupName,
): { readonly group: ContactGroup; readonly onlyHere: readonly string[] } | NoGroup | NotSignedIn {
  const { roster } = login.session;
  if (roster === undefined) return notSignedIn(login);
  const group = findGroup(roster, names);
  if (!("id" in group)) return group;
  const members = [...roster.contacts.values()].filter(({ groups }) => groups.has(group.id) && groups.size === 1);
  return { group, onlyHere: members.map(({ account }) => account) };
}

export async function removeGroup(login: ListLogin, { id, name }: ContactGroup): Promise<GroupOutcome> {
  return changeLists(login, name, async (lists) => {
    await lists.removeGroup(id);
    return { type: "group-removed", name };
  });
}

/** Puts a contact into one group, and out of all others. */
export async function moveContact(login: ListLogin, account: string, names: GroupName): Promise<GroupOutcome> {
  return changeLists<GroupOutcome>(login, account, async (lists, roster) => {
    const contact = contactOf(login, account);
    if (contact?.lists.has("FL") !== true) return { type: "no-contact", account };
    const to = findGroup(roster, names);
    if (!("id" in to)) return to;
    const from = [...contact.groups].filter((id) => id !== to.id);
    if (contact.groups.has(to.id) && from.length === 0) return { type: "already-in-group", group: to.name };
    if (from.length === 0) await lists.move(account, undefined, to.id);
    for (const id of from) await lists.move(account, id, to.id);
    return { type: "moved", who: { account, name: contact.name }, group: to.name };
  });
}
