import type { Status } from "./dialect/dialect.ts";

/** Somebody on one of the account's lists, or somebody the server spoke of. */
export interface Contact {
  /** As the server spells it; the roster's keys are lower case. */
  readonly account: string;
  readonly name: string;
  readonly lists: ReadonlySet<ListName>;
  readonly groups: readonly string[];
  readonly status: Status;
  /** The unsigned number the contact's client announces, if it has said anything. */
  readonly capabilities: number;
}

/** Forward (our contacts), allow, block and reverse (those who have us) list. */
export type ListName = "FL" | "AL" | "BL" | "RL";

/** What is known of the account's contacts; never changed, only replaced. */
export interface Roster {
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly groups: ReadonlyMap<string, string>;
}

/** One thing the server said about the roster. */
export type RosterChange =
  | { readonly type: "contact"; account: string; name: string; lists: ReadonlySet<ListName>; groups: readonly string[] }
  | { readonly type: "group"; id: string; name: string }
  | { readonly type: "presence"; account: string; status: Status; name: string; capabilities: number }
  | { readonly type: "offline"; account: string };

export const EMPTY_ROSTER: Roster = { contacts: new Map(), groups: new Map() };

/** The key of an account: MSN compares accounts without regard to case (docs/msnp.md 1.4). */
export function accountKey(account: string): string {
  return account.toLowerCase();
}

/** The roster after `change`. Contacts that are on no list yet are made as they are mentioned. */
export function foldRoster(roster: Roster, change: RosterChange): Roster {
  switch (change.type) {
    case "group":
      return { ...roster, groups: new Map(roster.groups).set(change.id, change.name) };
    case "contact":
      return withContact(roster, change.account, ({ status, capabilities }) => ({
        account: change.account,
        name: change.name,
        lists: change.lists,
        groups: change.groups,
        status,
        capabilities,
      }));
    case "presence":
      return withContact(roster, change.account, (before) => ({
        ...before,
        name: change.name === "" ? before.name : change.name,
        status: change.status,
        capabilities: change.capabilities,
      }));
    case "offline":
      return withContact(roster, change.account, (before) => ({ ...before, status: "FLN" }));
  }
}

/** The roster with everybody offline: nothing is known of presence while there is no session. */
export function withoutPresence(roster: Roster): Roster {
  const contacts = [...roster.contacts].map(([key, contact]) => [key, { ...contact, status: "FLN" as const }] as const);
  return { ...roster, contacts: new Map(contacts) };
}

function withContact(roster: Roster, account: string, change: (before: Contact) => Contact): Roster {
  const key = accountKey(account);
  const before = roster.contacts.get(key) ?? stranger(account);
  return { ...roster, contacts: new Map(roster.contacts).set(key, change(before)) };
}

function stranger(account: string): Contact {
  return { account, name: account, lists: new Set(), groups: [], status: "FLN", capabilities: 0 };
}
