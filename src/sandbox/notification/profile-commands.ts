import { isPhoneType } from "../network/accounts.ts";
import type { CommandTable } from "../wire/command-table.ts";
import type { NotificationSession } from "./notification-session.ts";
import type { TextForm } from "../wire/wire.ts";

const LONGEST_PHONE = 95;

/** What an account says of itself: name, privacy and telephone numbers. */
export const profileCommands: CommandTable<NotificationSession> = {
  REA: { least: 3, most: 3, run: rename },
  BLP: { least: 2, most: 2, run: setPrivacy },
  GTC: { least: 2, most: 2, run: setAlert },
  PRP: { least: 2, most: 3, run: setPhone },
};

/** For another account this is echoed and forgotten (docs/msnp.md 8.1(14)). */
function rename(session: NotificationSession, [transaction = "", passport, name = ""]: readonly string[]): void {
  const { account, network } = session;
  const { text, longestName } = network.profile;
  if (encodedLength(name, text) > longestName) {
    session.refuse(209, transaction);
    return;
  }
  if (passport === account.passport) {
    account.name = name;
    network.profileChanged(account);
  }
  session.send("REA", transaction, session.nextVersion(), passport, name);
}

function setPrivacy(session: NotificationSession, [transaction = "", value]: readonly string[]): void {
  const { account, network } = session;
  if (value !== "AL" && value !== "BL") {
    session.close();
  } else if (account.blp === value) {
    session.refuse(218, transaction);
  } else {
    network.changeVisibility(account, () => (account.blp = value));
    // This can give the hidden away (docs/msnp.md 8.1(16)).
    if (session.status === "HDN") network.profileChanged(account);
    session.send("BLP", transaction, session.nextVersion(), value);
  }
}

function setAlert(session: NotificationSession, [transaction = "", value]: readonly string[]): void {
  if (value !== "A" && value !== "N") {
    session.close();
  } else if (session.account.gtc === value) {
    session.refuse(218, transaction);
  } else {
    session.account.gtc = value;
    session.send("GTC", transaction, session.nextVersion(), value);
  }
}

function setPhone(session: NotificationSession, [transaction, type = "", value]: readonly string[]): void {
  const { account, network } = session;
  if (value !== undefined && encodedLength(value, network.profile.text) > LONGEST_PHONE) {
    session.close();
    return;
  }
  if (!isPhoneType(type)) {
    session.complain(201, transaction);
    return;
  }
  // Today's servers fail, and so say nothing, at MOB before MBE was set (docs/msnp.md 3.4).
  if (type === "MOB" && network.profile.mobileNeedsDevice && !account.phones.has("MBE")) return;
  if (value === undefined) account.phones.delete(type);
  else account.phones.set(type, value);
  network.phoneChanged(account, type);
  session.send("PRP", transaction, session.nextVersion(), type, value);
}

function encodedLength(text: string, form: TextForm): number {
  return encodeURIComponent(form.toPlain(text)).length;
}
