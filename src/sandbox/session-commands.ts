import { isPassport, type Account, type Contact } from "./accounts.ts";
import type { CommandTable } from "./command-table.ts";
import { encodeProfile } from "./notices.ts";
import type { NotificationSession } from "./notification.ts";

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
  session.send("VER", transaction, session.hasDialect ? DIALECT : 0);
  if (!session.hasDialect) session.close();
}

function reportVersion(session: NotificationSession, args: readonly string[]): void {
  if (!session.hasDialect) return;
  const [transaction, , , , , , version] = args;
  session.send("CVR", transaction, version, version, version, SITE, SITE);
}

function authenticate(session: NotificationSession, args: readonly string[]): void {
  const [transaction = "", mechanism, stage, credential = ""] = args;
  if (!session.hasDialect || mechanism !== "TWN") session.close();
  else if (session.isSignedIn) session.refuse(205, transaction);
  else if (stage === "I") claim(session, transaction, credential);
  else if (stage === "S") prove(session, transaction, credential);
  else session.refuse(911, transaction, "close");
}

function claim(session: NotificationSession, transaction: string, passport: string): void {
  if (session.redirect !== undefined) {
    session.send("XFR", transaction, "NS", session.redirect);
    session.close();
  } else if (isPassport(passport)) {
    session.claimedPassport = passport;
    session.send("USR", transaction, "TWN", "S", POLICY);
  } else {
    session.refuse(911, transaction, "close");
  }
}

function prove(session: NotificationSession, transaction: string, credential: string): void {
  if (session.claimedPassport === undefined) return;
  const ticket = credential.startsWith("t=") ? credential.slice(2, 22) : credential;
  const account = session.network.tickets.find(ticket);
  // The spelling has to be that of the account (docs/msnp.md 1.4).
  if (account === undefined || account.passport !== session.claimedPassport) {
    session.refuse(911, transaction, "close");
    return;
  }
  session.signIn(account);
  session.send("USR", transaction, "OK", account.passport, account.name, 1, 0);
  const facts = { passport: account.passport, ticket, now: session.network.clock.now(), remote: session.remote };
  session.sendPayload("MSG", ["Hotmail", "Hotmail"], encodeProfile(facts));
}

function synchronise(session: NotificationSession, [transaction = "", version = ""]: readonly string[]): void {
  if (!/^\d{1,10}$/u.test(version)) return;
  const { account } = session;
  session.restartVersions(Number(version));
  session.send("SYN", transaction, session.nextVersion(), account.contacts.size, account.groups.size + 1);
  session.send("GTC", account.gtc ?? "A");
  session.send("BLP", account.blp ?? "AL");
  for (const [type, value] of account.phones) session.send("PRP", type, value);
  session.send("LSG", 0, "Other Contacts", 0);
  for (const [id, name] of account.groups) session.send("LSG", id, name, 0);
  for (const [other, contact] of account.contacts) sendContact(session, other, contact);
  session.hasSynchronised = true;
}

function sendContact(session: NotificationSession, other: Account, contact: Contact): void {
  const groups = [...contact.groups].join(",");
  session.send("LST", other.passport, contact.name, contact.lists, groups === "" ? "0" : groups);
  for (const [type, value] of other.phones) if (type !== "MBE") session.send("BPR", type, value);
}
