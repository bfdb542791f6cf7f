import {
  isListName,
  isOnList,
  isEmailAddress,
  listSize,
  putOnList,
  takeOffList,
  type Account,
  type SandboxList,
  type PhoneType,
} from "../network/accounts.ts";
import type { CommandTable } from "../wire/command-table.ts";
import type { NotificationSession } from "./notification-session.ts";

/** The most entries each list may have. */
const LIST_LIMITS: Readonly<Record<SandboxList, number>> = { FL: 1000, AL: 1500, BL: 1200, RL: Infinity };
// Today's servers describe who is put on the FL only when they were on one of these before (docs/msnp.md 3.4).
const DESCRIBED: readonly SandboxList[] = ["AL", "BL", "RL"];
const OPPOSITES: Readonly<Partial<Record<SandboxList, SandboxList>>> = { AL: "BL", BL: "AL" };
const SHOWN_PHONES: readonly PhoneType[] = ["PHH", "PHW", "PHM", "MOB"];

interface Change {
  readonly transaction: string;
  readonly other: Account;
  readonly list: SandboxList;
  /** As the client wrote it. */
  readonly group: string | undefined;
}

/** The contact list. */
export const listCommands: CommandTable<NotificationSession> = {
  ADD: { least: 3, most: 5, run: add },
  REM: { least: 3, most: 4, run: remove },
};

function add(session: NotificationSession, args: readonly string[]): void {
  const [transaction = "", list = "", passport = "", name, group] = args;
  if (list === "RL") {
    session.close();
    return;
  }
  if (!isListName(list)) {
    session.complain(201, transaction);
    return;
  }
  if (!isEmailAddress(passport)) {
    session.refuse(201, transaction);
    return;
  }
  const other = session.network.accounts.find(passport);
  if (other === undefined) {
    session.refuse(205, transaction);
    return;
  }
  const change = { transaction, other, list, group };
  const { profile } = session.network;
  const isKnown = profile.describesStrangers || DESCRIBED.some((known) => isOnList(session.account, other, known));
  const refusal = (profile.strictLists ? objection(session, change) : undefined) ?? put(session, change);
  if (refusal !== undefined) {
    session.refuse(refusal, transaction);
    return;
  }
  const version = session.nextVersion();
  session.send("ADD", transaction, list, version, other.passport, name, group);
  if (list === "FL" && isKnown) describe(session, change, version);
}

/** What strict servers say to what others let pass: that the account is there already, or is on the opposite list. */
function objection({ account }: NotificationSession, { other, list, group = "0" }: Change): number | undefined {
  const opposite = OPPOSITES[list];
  if (opposite !== undefined && isOnList(account, other, opposite)) return 219;
  if (group !== "0" && !account.groups.has(Number(group))) return 224;
  const isThere = group === "0" || account.contacts.get(other)?.groups.has(Number(group)) === true;
  return isThere && isOnList(account, other, list) ? 215 : undefined;
}

/** Returns the error code, if any. */
function put(session: NotificationSession, change: Change): number | undefined {
  const { account, network } = session;
  const { other, list } = change;
  if (list === "FL") return follow(session, change);
  if (isFull(account, other, list)) return 210;
  network.changeVisibility(account, () => putOnList(account, other, list));
  return undefined;
}

/** Returns the error code, if any. With an unknown group the contact is on the FL all the same. */
function follow(session: NotificationSession, { other, group = "0" }: Change): number | undefined {
  const { account, network } = session;
  if (isFull(account, other, "FL")) return 210;
  network.follow(account, other);
  if (group === "0") return undefined;
  const groups = account.contacts.get(other)?.groups;
  const id = Number(group);
  if (!account.groups.has(id)) return 224;
  if (groups?.has(id) === true) return 215;
  groups?.add(id);
  return undefined;
}

function describe(session: NotificationSession, { transaction, other }: Change, version: number): void {
  const phones = isOnList(other, session.account, "AL") ? other.phones : new Map<PhoneType, string>();
  for (const type of SHOWN_PHONES) {
    session.send("BPR", version, other.passport, type, phones.get(type) ?? (type === "MOB" ? "N" : undefined));
  }
  // Today's servers say the numbers that are set a second time.
  for (const type of session.network.profile.describesStrangers ? [] : SHOWN_PHONES) {
    const value = phones.get(type);
    if (value !== undefined) session.send("BPR", session.nextVersion(), other.passport, type, value);
  }
  session.sendStatusOf(other, transaction);
}

function remove(session: NotificationSession, args: readonly string[]): void {
  const [transaction = "", list = "", passport = "", group] = args;
  if (list === "RL") {
    session.close();
    return;
  }
  if (!isListName(list)) {
    session.complain(201, transaction);
    return;
  }
  const refusal = removalOf(session, { list, group, passport, transaction });
  if (refusal === undefined) session.send("REM", transaction, list, session.nextVersion(), passport, group);
  else session.refuse(refusal, transaction);
}

function removalOf(
  session: NotificationSession,
  { passport, ...change }: Omit<Change, "other"> & { passport: string },
): number | undefined {
  const { account, network } = session;
  const { list, group } = change;
  const other = network.accounts.find(passport);
  if (other === undefined || !account.contacts.has(other)) return 205;
  if (!isOnList(account, other, list)) return 216;
  if (list !== "FL") {
    network.changeVisibility(account, () => takeOffList(account, other, list));
    return undefined;
  }
  return group === undefined ? unfollow(session, other) : leaveGroup(session, other, group);
}

/** The removal works in any case; a code only tells that the other's RL had no entry (docs/msnp.md 3.4). */
function unfollow({ account, network }: NotificationSession, other: Account): number | undefined {
  const isKnownThere = other.contacts.has(account);
  if (network.unfollow(account, other) || network.profile.strictLists) return undefined;
  return isKnownThere ? 216 : 205;
}

/** Takes the contact out of one group. On strict servers the contact goes with the last one, and group 0 is one of them. */
function leaveGroup(session: NotificationSession, other: Account, group: string): number | undefined {
  const { account, network } = session;
  const groups = account.contacts.get(other)?.groups ?? new Set();
  if (group === "0") return leaveNoGroup(session, other, groups.size);
  const id = Number(group);
  if (!account.groups.has(id)) return 224;
  if (!groups.delete(id)) return 225;
  // Today's servers take our entry off the other's RL at once (docs/msnp.md 8.1(12)).
  if (!network.profile.strictLists) network.forget(account, other);
  else if (groups.size === 0) network.unfollow(account, other);
  return undefined;
}

/** On today's servers this answers well and does nothing (docs/msnp.md 8.1(12)). */
function leaveNoGroup({ account, network }: NotificationSession, other: Account, groups: number): 225 | undefined {
  if (!network.profile.strictLists) return undefined;
  if (groups > 0) return 225;
  network.unfollow(account, other);
  return undefined;
}

function isFull(account: Account, other: Account, list: SandboxList): boolean {
  return !isOnList(account, other, list) && listSize(account, list) >= LIST_LIMITS[list];
}
