import { MsnError } from "../base/errors.ts";
import type { RosterChange } from "./roster.ts";

// Far beyond what any network allows (docs/msnp.md 1.4): what is more comes from a server that wants to fill our memory.
export const MAX_CONTACTS = 10_000;
export const MAX_GROUPS = 100;
/** The longest account or id of a group, in characters. */
export const MAX_KEY = 320;
/** What is kept of a name or a telephone number, in characters. */
export const MAX_TEXT = 400;

/**
 * What is kept of a text of the server's choice. A copy, since a piece of a line keeps the whole line in memory.
 */
export function keptText(text: string): string {
  return Buffer.from(text.slice(0, MAX_TEXT).toWellFormed()).toString();
}

/**
 * An account or the id of a group, which cannot be cut without becoming another one.
 * @throws MsnError `protocol` when it is too long
 */
export function keptKey(key: string): string {
  if (key.length > MAX_KEY)
    throw new MsnError("protocol", "the server named somebody or something at too great a length");
  return Buffer.from(key).toString();
}

/** @throws MsnError `protocol` when there are more of `what` than there may be */
export function checkCount(what: string, count: number, most: number): void {
  if (count > most) throw new MsnError("protocol", `the server lists more than ${most} ${what}`);
}

/**
 * A change with nothing in it that is too large to be kept.
 * @throws MsnError `protocol` when that cannot be
 */
export function bounded(change: RosterChange): RosterChange {
  switch (change.type) {
    case "contact": {
      checkCount("groups of a contact", change.groups.size, MAX_GROUPS);
      const groups = new Set([...change.groups].map(keptKey));
      return { ...change, account: keptKey(change.account), name: keptText(change.name), groups };
    }
    case "listed": {
      const group = change.group === undefined ? undefined : keptKey(change.group);
      return { ...change, account: keptKey(change.account), name: keptText(change.name), group };
    }
    case "presence":
      return { ...change, account: keptKey(change.account), name: keptText(change.name) };
    case "offline":
      return { ...change, account: keptKey(change.account) };
    case "phone": {
      const account = change.account === undefined ? undefined : keptKey(change.account);
      return { ...change, account, value: keptText(change.value) };
    }
    case "own-phone":
      return { ...change, value: keptText(change.value) };
    case "group":
      return { ...change, id: keptKey(change.id), name: keptText(change.name) };
    case "group-removed":
    case "privacy":
    case "asks-on-add":
    case "unlisted":
    case "version":
      return change;
  }
}
