import { isOnList, isEmailAddress, type Account, type ListEntry } from "../network/accounts.ts";
import type { CommandTable } from "../wire/command-table.ts";
import { encodeProfile } from "./server-notices.ts";
import type { NotificationSession } from "./notification-session.ts";

const DIALECT = "MSNP8";
const POLICY = "ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1";
const SITE = "https://msn.example.net";

/** Signing in and out, the list block, and what else belongs to the connection itself. */
export const sessionCommands: CommandTable<NotificationSession> = {
  VER: { least: 1, most: 30, run: chooseDialect },
  CVR: { least: 7, most: 30, run: reportVersion },
  USR: { least: 3, most: 10, run: authenticate },
  SYN: { least: 2, most: 10, run: synchronise },
  PNG: {
    least: 0,
    most: 0,
    run: (session) => (session.isSignedIn ? session.send("QNG") : session.close()),
  },
  OUT: { least: 0, most: 0, run: (session) => session.close() },
  URL: {
    least: 1,
    most: 10,
    run: (session, [transaction]) => session.send("URL", transaction, "/unused1", "/unused2", 1),
  },
};

function chooseDialect(session: NotificationSession, [transaction = "", ...offered]: readonly string[]): void {
  if (session.hasDialect) {
    session.refuse(715, transaction, "close");
    return;
  }
  session.hasDialect = offered.some((dialect) => dialect.toUpperCase() === DIALECT);
  if (session.hasDialect) {
    session.send("VER", transaction, DIALECT, session.network.profile.pseudoDialect);
    return;
  }
  session.send("VER", transaction, 0);
  session.close();
}

function reportVersion(session: NotificationSession, args: readonly string[]): void {
  const [transaction, , , , , , version] = args;
  if (!session.hasDialect) {
    session.complain(715, transaction, "close");
    return;
  }
  session.hasClientVersion = true;
  session.send("CVR", transaction, version, version, version, SITE, SITE);
}

function authenticate(session: NotificationSession, args: readonly string[]): void {
  const [transaction = "", mechanism, stage, credential = ""] = args;
  const { profile } = session.network;
  if (!session.hasDialect || mechanism !== "TWN") {
    session.complain(715, transaction);
    session.close();
  } else if (profile.needsClientVersion && !session.hasClientVersion) session.refuse(731, transaction, "close");
  else if (session.isSignedIn) session.refuse(profile.codes.secondLogin, transaction);
  else if (stage === "I") claim(session, transaction, credential);
  else if (stage === "S") prove(session, transaction, credential);
  else session.refuse(911, transaction, "close");
}

function claim(session: NotificationSession, transaction: string, passport: string): void {
  if (session.redirect !== undefined) {
    session.send("XFR", transaction, "NS", session.redirect, 0, session.local);
    session.close();
  } else if (isEmailAddress(passport)) {
    session.claimedPassport = passport;
    session.send("USR", transaction, "TWN", "S", POLICY);
  } else {
    session.refuse(911, transaction, "close");
  }
}

function prove(session: NotificationSession, transaction: string, credential: string): void {
  if (session.claimedPassport === undefined) {
    session.complain(715, transaction, "close");
    return;
  }
  const ticket = credential.startsWith("t=") ? credential.slice(2, 22) : credential;
  const account = session.network.tickets.find(ticket);
  // The spelling has to be that of the account (docs/msnp.md 1.4).
  if (account === undefined || account.passport !== session.claimedPassport) {
    session.refuse(911, transaction, "close");
    return;
  }
  session.signIn(account);
  session.send("USR", transaction, "OK", account.passport, account.name, 1, 0);
  const facts = { passport: account.passport, ticket, now: session.network.calendar.now(), remote: session.remote };
  session.sendPayload("MSG", ["Hotmail", "Hotmail"], encodeProfile(facts));
}

function synchronise(session: NotificationSession, [transaction = "", version = ""]: readonly string[]): void {
  const { profile } = session.network;
  if (!/^\d{1,10}$/u.test(version)) {
    session.complain(201, transaction);
  } else if (profile.synchronisesOnce && session.hasSynchronised) {
    session.refuse(715, transaction, "close");
  } else {
    session.hasSynchronised = true;
    const current = session.versionSince(Number(version));
    if (current === Number(version)) session.send("SYN", transaction, current);
    else sendList(session, transaction, current);
  }
}

function sendList(session: NotificationSession, transaction: string, version: number): void {
  const { account, network } = session;
  session.send("SYN", transaction, version, account.contacts.size, account.groups.size + 1);
  session.send("GTC", account.gtc ?? "A");
  session.send("BLP", account.blp ?? "AL");
  for (const [type, value] of account.phones) session.send("PRP", type, value);
  session.send("LSG", 0, network.profile.text.fromPlain("Other Contacts"), 0);
  for (const [id, name] of account.groups) session.send("LSG", id, name, 0);
  for (const [other, contact] of account.contacts) sendContact(session, other, contact);
}

function sendContact(session: NotificationSession, other: Account, contact: ListEntry): void {
  const hasGroups = session.network.profile.groupsForAll || isOnList(session.account, other, "FL");
  const groups = contact.groups.size === 0 ? "0" : [...contact.groups].join(",");
  session.send("LST", other.passport, contact.name, contact.lists, hasGroups ? groups : undefined);
  for (const [type, value] of other.phones) if (type !== "MBE") session.send("BPR", type, value);
}
