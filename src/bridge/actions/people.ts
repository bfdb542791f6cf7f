import type { Contact, ContactList } from "../../msn/index.ts";
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
        | "accepted"
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
        | "is-contact"
        // They have not added the account, so there is nothing to answer.
        | "no-request";
      readonly who: Person;
    }
  | NoGroup
  | ListFailure;

type Plain = Exclude<Extract<PersonOutcome, { who: Person }>["type"], "added">;
type Lists = Contact["lists"];

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

interface PersonChange {
  /** Why it does not fit, from the lists on which they are. */
  readonly problem: (on: Lists) => Plain | undefined;
  readonly done: Plain;
  readonly work: (lists: ContactList, account: string) => Promise<void>;
}

/** What can be done with one account, beside adding them. */
export type PersonChangeName = "remove" | "block" | "unblock" | "allow" | "accept" | "decline";

const CHANGES: Readonly<Record<PersonChangeName, PersonChange>> = {
  // They may still see the login.
  remove: {
    problem: (on) => (on.has("FL") ? undefined : "no-contact"),
    done: "removed",
    work: async (lists, account) => lists.remove("FL", account),
  },
  block: {
    problem: (on) => (on.has("BL") ? "already-blocked" : undefined),
    done: "blocked",
    work: async (lists, account) => lists.block(account),
  },
  unblock: {
    problem: (on) => (on.has("BL") ? undefined : "not-blocked"),
    done: "allowed",
    work: async (lists, account) => lists.unblock(account),
  },
  // Without making them a contact.
  allow: {
    problem: (on) => (on.has("AL") ? "already-allowed" : undefined),
    done: "allowed",
    work: async (lists, account) => lists.unblock(account),
  },
  // Of those that have added the login.
  accept: {
    problem: (on) => (on.has("FL") ? "already-contact" : unlessKnown(on)),
    done: "accepted",
    work: async (lists, account) => lists.befriend(account),
  },
  decline: {
    problem: (on) => {
      if (on.has("FL")) return "is-contact";
      return on.has("BL") ? "already-declined" : unlessKnown(on);
    },
    done: "declined",
    work: async (lists, account) => lists.block(account),
  },
};

export async function changePerson(login: ListLogin, account: string, name: PersonChangeName): Promise<PersonOutcome> {
  const { problem, done, work } = CHANGES[name];
  return changeLists(login, account, async (lists) => {
    const who = personOf(login, account);
    const type = problem(contactOf(login, account)?.lists ?? new Set());
    if (type === undefined) await work(lists, account);
    return { type: type ?? done, who };
  });
}

/** Those who have added a login and wait for an answer; undefined while there is no session. */
export function requestsOf(login: ListLogin): Person[] | undefined {
  return login.session.lists?.requests.map((account) => personOf(login, account));
}

function unlessKnown(on: Lists): Plain | undefined {
  return on.size === 0 ? "no-request" : undefined;
}
