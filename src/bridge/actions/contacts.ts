import type { Contact, Roster, Status } from "../../msn/index.ts";
import type { Login } from "../login/login.ts";
import { groupsOf } from "./groups.ts";
import { notSignedIn, type ListLogin, type NotSignedIn } from "./lists.ts";

/** A contact as its login sees it. */
export interface ContactInfo {
  readonly account: string;
  readonly name: string;
  readonly status: Status;
  readonly isBlocked: boolean;
  /** The privacy of the account is closed to them. */
  readonly isHiddenFrom: boolean;
  readonly hasAddedUs: boolean;
  /** The room of the chat with them. */
  readonly roomId: string | null;
}

/** The contacts of a login; those in several groups stand in each of them. */
export interface ContactsInfo {
  readonly type: "contacts";
  /** How many there are. */
  readonly count: number;
  readonly groups: ReadonlyArray<{ readonly name: string; readonly contacts: readonly ContactInfo[] }>;
  /** Those who are in none of the groups. */
  readonly ungrouped: readonly ContactInfo[];
  /** The accounts of those who are no contacts, but on one of the other lists. */
  readonly others: Readonly<Record<"waiting" | "allowed" | "blocked", readonly string[]>>;
}

export interface ContactsLogin extends ListLogin {
  readonly portals: Pick<Login["portals"], "roomWith">;
}

/** The contacts of a login, those who are there first. */
export function contactsOf(login: ContactsLogin): ContactsInfo | NotSignedIn {
  const { roster } = login.session;
  if (roster === undefined) return notSignedIn(login);
  const all = [...roster.contacts.values()];
  const listed = all.filter(({ lists }) => lists.has("FL")).toSorted(byPresence);
  const groups = groupsOf(roster);
  const known = new Set(groups.map(({ id }) => id));
  const infos = (those: readonly Contact[]): ContactInfo[] => those.map((contact) => infoOf(login, roster, contact));
  return {
    type: "contacts",
    count: listed.length,
    groups: groups.map(({ id, name }) => ({ name, contacts: infos(listed.filter((one) => one.groups.has(id))) })),
    ungrouped: infos(listed.filter((contact) => ![...contact.groups].some((id) => known.has(id)))),
    others: othersOf(all),
  };
}

function infoOf(login: ContactsLogin, { privacy }: Roster, { account, name, status, lists }: Contact): ContactInfo {
  return {
    account,
    name,
    status,
    isBlocked: lists.has("BL"),
    isHiddenFrom: privacy === "BL" && !lists.has("AL") && !lists.has("BL"),
    hasAddedUs: lists.has("RL"),
    roomId: login.portals.roomWith(account),
  };
}

function othersOf(all: readonly Contact[]): ContactsInfo["others"] {
  const others = all.filter(({ lists }) => !lists.has("FL"));
  const those = (isMeant: (lists: Contact["lists"]) => boolean): string[] =>
    others.filter(({ lists }) => isMeant(lists)).map(({ account }) => account);
  return {
    waiting: those((lists) => lists.size === 1 && lists.has("RL")),
    allowed: those((lists) => lists.has("AL") && !lists.has("BL")),
    blocked: those((lists) => lists.has("BL")),
  };
}

function byPresence(a: Contact, b: Contact): number {
  return Number(isOffline(a)) - Number(isOffline(b)) || a.name.localeCompare(b.name);
}

function isOffline({ status }: Contact): boolean {
  return status === "FLN" || status === "HDN";
}
