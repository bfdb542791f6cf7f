import type { CommandTable } from "./command-table.ts";
import type { NotificationSession } from "./notification.ts";

const LONGEST_NAME = 61;

/** The groups of the contact list. Group 0 is not one of them: naming it gives 224. */
export const groupCommands: CommandTable<NotificationSession> = {
  ADG: { least: 2, most: 3, run: addGroup },
  REG: { least: 3, most: 4, run: renameGroup },
  RMG: { least: 2, most: 2, run: removeGroup },
};

function addGroup(session: NotificationSession, [transaction = "", name = ""]: readonly string[]): void {
  const { account } = session;
  const refusal = nameRefusal(session, name);
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
  const refusal = groups.has(Number(id)) ? nameRefusal(session, name) : 224;
  if (refusal !== undefined) {
    session.refuse(refusal, transaction);
    return;
  }
  groups.set(Number(id), name);
  session.send("REG", transaction, session.nextVersion(), id, name, 0);
}

/** Contacts stay on the FL when their group goes. */
function removeGroup(session: NotificationSession, [transaction = "", id = ""]: readonly string[]): void {
  const { groups, contacts } = session.account;
  if (!groups.delete(Number(id))) {
    session.refuse(224, transaction);
    return;
  }
  for (const contact of contacts.values()) contact.groups.delete(Number(id));
  session.send("RMG", transaction, session.nextVersion(), id);
}

function nameRefusal({ account }: NotificationSession, name: string): number | undefined {
  if (name.length > LONGEST_NAME) return 229;
  return [...account.groups.values()].includes(name) ? 228 : undefined;
}
