import { MsnError } from "../base/errors.ts";
import { clampText, keptKey } from "../base/clamp.ts";
import { groupSet } from "./shared-sets.ts";
import type { RosterChange } from "../dialect/roster-change.ts";

// Far beyond what any network allows (docs/msnp.md 1.4): what is more comes from a server that wants to fill our memory.
export const MAX_CONTACTS = 10_000;
export const MAX_GROUPS = 100;
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
      const groups = groupSet([...change.groups].map(keptKey));
      return {
        ...change,
        ...keptId(change.id),
        account: keptKey(change.account),
        name: clampText(change.name),
        groups,
      };
    }
    case "listed": {
      const group = change.group === undefined ? undefined : keptKey(change.group);
      return { ...change, ...keptId(change.id), account: keptKey(change.account), name: clampText(change.name), group };
    }
    case "presence":
      return { ...change, account: keptKey(change.account), name: clampText(change.name) };
    case "offline":
      return { ...change, account: keptKey(change.account) };
    case "phone": {
      const account = change.account === undefined ? undefined : keptKey(change.account);
      return { ...change, account, value: clampText(change.value) };
    }
    case "own-phone":
      return { ...change, value: clampText(change.value) };
    case "group":
      return { ...change, id: keptKey(change.id), name: clampText(change.name) };
    case "group-removed":
    case "privacy":
    case "asks-on-add":
    case "unlisted":
    case "version":
      return change;
  }
}

function keptId(id: string | undefined): { id?: string } {
  return id === undefined ? {} : { id: keptKey(id) };
}
