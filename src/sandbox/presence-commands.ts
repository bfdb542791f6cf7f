import { createHash, randomInt } from "node:crypto";

import { isOnList, isStatus } from "./accounts.ts";
import type { CommandTable } from "./command-table.ts";
import type { NotificationSession } from "./notification.ts";

// Product ids and keys of the MD5 challenge (docs/msnp.md 3.7).
const PRODUCT_KEYS: ReadonlyMap<string, string> = new Map([
  ["msmsgs@msnmsgr.com", "Q1P7W2E4J9R8U3S5"],
  ["PROD0038W!61ZTF9", "VT6PX?UQTM4WM%YR"],
]);
const CHALLENGE_TIME = 50_000;

/** The status, the way to a switchboard, and the challenge. */
export const presenceCommands: CommandTable<NotificationSession> = {
  CHG: { least: 3, most: 4, run: changeStatus },
  XFR: { least: 2, most: 2, run: transfer },
  QRY: { least: 2, most: 2, run: answerChallenge },
};

function changeStatus(session: NotificationSession, args: readonly string[]): void {
  const [transaction = "", status = "", capabilities = ""] = args;
  if (!/^\d+$/u.test(capabilities)) return;
  if (!isStatus(status)) {
    session.close();
    return;
  }
  if (status === "FLN") {
    session.refuse(201, transaction);
    return;
  }
  const isFirst = session.status === "FLN";
  session.status = status;
  session.capabilities = capabilities;
  session.network.statusChanged(session.account);
  session.send("CHG", transaction, status, capabilities);
  if (isFirst) welcome(session, transaction);
}

/** The statuses of all contacts follow the first CHG, and only that one. */
function welcome(session: NotificationSession, transaction: string): void {
  for (const other of session.account.contacts.keys()) {
    if (isOnList(session.account, other, "FL")) session.sendStatusOf(other, transaction);
  }
  if (session.network.mood.challenge) sendChallenge(session, transaction);
}

function transfer(session: NotificationSession, [transaction = "", kind]: readonly string[]): void {
  if (kind !== "SB") {
    session.refuse(201, transaction);
  } else if (session.isVisible) {
    const key = session.network.transferKeys.create(session.account);
    session.send("XFR", transaction, "SB", session.network.switchboardAddress, "CKI", key);
  } else {
    session.refuse(913, transaction);
  }
}

function sendChallenge(session: NotificationSession, transaction: string): void {
  const text = Array.from({ length: 20 }, () => randomInt(10)).join("");
  const timer = session.network.clock.after(CHALLENGE_TIME, () => session.refuse(540, transaction, "close"));
  session.challenge = { text, timer };
  session.send("CHL", 0, text);
}

function answerChallenge(session: NotificationSession, args: readonly string[], payload: Buffer): void {
  // Servers without a challenge ignore the answer as well.
  if (!session.network.mood.challenge) return;
  const [transaction = "", product = ""] = args;
  const { challenge } = session;
  const key = PRODUCT_KEYS.get(product);
  challenge?.timer.cancel();
  session.challenge = undefined;
  const isRight = challenge !== undefined && key !== undefined && payload.toString() === md5(challenge.text + key);
  if (isRight) session.send("QRY", transaction);
  else session.refuse(540, transaction, "close");
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
