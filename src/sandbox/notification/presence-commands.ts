import type { RateLimit } from "../../util/rate-limit.ts";
import { isOnList, isStatus } from "../network/accounts.ts";
import type { CommandTable } from "../wire/command-table.ts";
import type { NotificationSession } from "./notification-session.ts";

/** The status, the way to a switchboard, and the challenge. */
export const presenceCommands: CommandTable<NotificationSession> = {
  CHG: { least: 2, most: 4, run: changeStatus },
  XFR: { least: 2, most: 2, run: transfer },
  QRY: { least: 2, most: 2, run: answerChallenge },
};

function changeStatus(session: NotificationSession, args: readonly string[]): void {
  const [transaction = "", status = "", capabilities] = args;
  if (!mayBeCapabilities(session, capabilities)) {
    session.complain(201, transaction);
    return;
  }
  if (!isStatus(status)) {
    session.close();
    return;
  }
  const refusal = status === "FLN" ? 201 : tooOften(session.limits?.status);
  if (refusal !== undefined) {
    session.refuse(refusal, transaction);
    return;
  }
  const isFirst = session.status === "FLN";
  session.status = status;
  session.capabilities = capabilities ?? "0";
  session.network.statusChanged(session.account);
  session.send("CHG", transaction, status, capabilities);
  if (isFirst) welcome(session, transaction);
}

function mayBeCapabilities(session: NotificationSession, word: string | undefined): boolean {
  return word === undefined ? !session.network.profile.needsCapabilities : /^\d+$/u.test(word);
}

function tooOften(limit: RateLimit | undefined): 800 | undefined {
  return limit === undefined || limit.take() ? undefined : 800;
}

/** The statuses of all contacts follow the first CHG, and only that one. */
function welcome(session: NotificationSession, transaction: string): void {
  for (const other of session.account.contacts.keys()) {
    if (isOnList(session.account, other, "FL")) session.sendStatusOf(other, transaction);
  }
  session.challenges?.ask();
}

function transfer(session: NotificationSession, [transaction = "", kind]: readonly string[]): void {
  const refusal = transferRefusal(session, kind);
  if (refusal !== undefined) {
    session.refuse(refusal, transaction);
    return;
  }
  const key = session.network.transferKeys.create(session.account);
  session.send("XFR", transaction, "SB", session.network.switchboardAddress, "CKI", key);
}

function transferRefusal(session: NotificationSession, kind: string | undefined): 201 | 800 | 913 | undefined {
  if (kind !== "SB") return 201;
  return session.network.isVisible(session.account) ? tooOften(session.limits?.transfer) : 913;
}

function answerChallenge(session: NotificationSession, args: readonly string[], payload: Buffer): void {
  // Servers without challenges ignore the answer as well.
  if (session.challenges === undefined) return;
  const [transaction = "", product = ""] = args;
  if (session.challenges.isAnsweredBy(product, payload.toString())) session.send("QRY", transaction);
  else session.refuse(540, transaction, "close");
}
