import type { CommandTable } from "../wire/command-table.ts";
import type { NotificationSession } from "./notification-session.ts";

const LONGEST_NAME = 61;

/** The groups of the contact list. Group 0 is not one of them. */
export const groupCommands: CommandTable<NotificationSession> = {
  ADG: { least: 2, most: 3, run: addGroup },
  REG: { least: 3, most: 4, run: renameGroup },
  RMG: { least: 2, most: 2, run: removeGroup },
};

function addGroup(session: NotificationSession, [transaction = "", name = ""]: readonly string[]): void {
  const { account } = session;
  const isFull = account.groups.size >= session.network.profile.mostGroups;
  const refusal = isFull ? 223 : nameRefusal(session, name);
  if (refusal !== undefined) {
    session.refuse(refusal, transaction);
    return;
  }
  account.lastGroup += 1;
  account.groups.set(account.lastGroup, name);
  session.send("ADG", transaction, session.nextVersion(), name, account.lastGroup, 0);
}

function renameGroup(session: NotificationSession, [transaction = "", id = "", name = ""]: readonly string[]): void {
  const { groups } = session.account;
  const refusal = groups.has(Number(id)) ? nameRefusal(session, name) : strangeGroup(session, id);
  if (refusal !== undefined) {
    session.refuse(refusal, transaction);
    return;
  }
  groups.set(Number(id), name);
  session.send("REG", transaction, session.nextVersion(), id, name, 0);
}

/** Whether contacts stay on the FL when their only group goes depends on the servers. */
function removeGroup(session: NotificationSession, [transaction = "", id = ""]: readonly string[]): void {
  const { account, network } = session;
  if (!account.groups.delete(Number(id))) {
    session.refuse(strangeGroup(session, id), transaction);
    return;
  }
  for (const [other, contact] of account.contacts) {
    const wasIn = contact.groups.delete(Number(id));
    if (wasIn && contact.groups.size === 0 && network.profile.strictLists) network.unfollow(account, other);
  }
  session.send("RMG", transaction, session.nextVersion(), id);
}

/** The error code of a group that cannot be changed. */
function strangeGroup({ network }: NotificationSession, id: string): number {
  return id === "0" ? network.profile.codes.groupZero : 224;
}

function nameRefusal({ account, network }: NotificationSession, name: string): number | undefined {
  if (network.profile.text.toPlain(name).length > LONGEST_NAME) return 229;
  return [...account.groups.values()].includes(name) ? 228 : undefined;
}
