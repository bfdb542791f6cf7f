import { findGroup, type GroupName, type NoGroup } from "./groups.ts";
import { changeLists, contactOf, personOf, type ListFailure, type ListLogin, type Person } from "./lists.ts";

/** What came of a change that is about one account. */
export type PersonOutcome =
  | {
      readonly type: "added";
      readonly who: Person;
      /** The name of the group, if one was named. */
      readonly group: string | undefined;
      /** They have not added the account yet. */
      readonly isAwaited: boolean;
    }
  | {
      readonly type:
        | "removed"
        | "blocked"
        | "allowed"
        | "declined"
        | "already-contact"
        | "already-blocked"
        | "already-allowed"
        | "already-declined"
        | "no-contact"
        | "not-blocked"
        // A contact is not declined.
        | "is-contact";
      readonly who: Person;
    }
  // They have not added the account, so there is nothing to answer.
  | { readonly type: "no-request"; readonly account: string }
  | NoGroup
  | ListFailure;

/** Makes an account a contact, in a group if one is named. */
export async function addContact(login: ListLogin, account: string, group?: GroupName): Promise<PersonOutcome> {
  return changeLists<PersonOutcome>(login, account, async (lists, roster) => {
    const into = group && findGroup(roster, group);
    if (into !== undefined && !("id" in into)) return into;
    const before = contactOf(login, account);
    const isThere = before?.lists.has("FL") === true;
    const isInGroup = into === undefined || before?.groups.has(into.id) === true;
    if (isThere && isInGroup) return { type: "already-contact", who: personOf(login, account) };
    await lists.befriend(account, into?.id);
    const isAwaited = !isThere && contactOf(login, account)?.lists.has("RL") !== true;
    return { type: "added", who: personOf(login, account), group: into?.name, isAwaited };
  });
}

/** Takes an account off the contacts; they may still see the login. */
export async function removeContact(login: ListLogin, account: string): Promise<PersonOutcome> {
  return changeLists<PersonOutcome>(login, account, async (lists) => {
    const who = personOf(login, account);
    if (!isOn(login, "FL", account)) return { type: "no-contact", who };
    await lists.remove("FL", account);
    return { type: "removed", who };
  });
}

export async function blockPerson(login: ListLogin, account: string): Promise<PersonOutcome> {
  return changeLists<PersonOutcome>(login, account, async (lists) => {
    const who = personOf(login, account);
    if (isOn(login, "BL", account)) return { type: "already-blocked", who };
    await lists.block(account);
    return { type: "blocked", who };
  });
}

export async function unblockPerson(login: ListLogin, account: string): Promise<PersonOutcome> {
  return changeLists<PersonOutcome>(login, account, async (lists) => {
    if (!isOn(login, "BL", account)) return { type: "not-blocked", who: personOf(login, account) };
    await lists.unblock(account);
    return { type: "allowed", who: personOf(login, account) };
  });
}

/** Lets another account see the login without being a contact. */
export async function allowPerson(login: ListLogin, account: string): Promise<PersonOutcome> {
  return changeLists<PersonOutcome>(login, account, async (lists) => {
    if (isOn(login, "AL", account)) return { type: "already-allowed", who: personOf(login, account) };
    await lists.unblock(account);
    return { type: "allowed", who: personOf(login, account) };
  });
}

/** Makes an account a contact that has added the login. */
export async function acceptRequest(login: ListLogin, account: string): Promise<PersonOutcome> {
  return changeLists<PersonOutcome>(login, account, async (lists) => {
    const who = personOf(login, account);
    if (!isKnown(login, account)) return { type: "no-request", account };
    if (isOn(login, "FL", account)) return { type: "already-contact", who };
    await lists.befriend(account);
    return { type: "added", who, group: undefined, isAwaited: false };
  });
}

export async function declineRequest(login: ListLogin, account: string): Promise<PersonOutcome> {
  return changeLists<PersonOutcome>(login, account, async (lists) => {
    const who = personOf(login, account);
    if (!isKnown(login, account)) return { type: "no-request", account };
    if (isOn(login, "FL", account)) return { type: "is-contact", who };
    if (isOn(login, "BL", account)) return { type: "already-declined", who };
    await lists.block(account);
    return { type: "declined", who };
  });
}

/** Those who have added a login and wait for an answer; undefined while there is no session. */
export function requestsOf(login: ListLogin): Person[] | undefined {
  return login.session.lists?.requests.map((account) => personOf(login, account));
}

function isKnown(login: ListLogin, account: string): boolean {
  return (contactOf(login, account)?.lists.size ?? 0) > 0;
}

function isOn(login: ListLogin, list: "FL" | "AL" | "BL", account: string): boolean {
  return contactOf(login, account)?.lists.has(list) === true;
}
