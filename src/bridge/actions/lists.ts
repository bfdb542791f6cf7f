import { accountKey, MsnError, type Contact, type ContactList, type Roster } from "../../msn/index.ts";
import type { Login } from "../login/login.ts";
import type { Session } from "../session/session.ts";

/** A login whose contacts, groups and settings are looked at or changed. */
export interface ListLogin {
  readonly row: Pick<Login["row"], "passport">;
  readonly network: Pick<Login["network"], "name">;
  readonly session: Pick<Session, "roster" | "lists">;
}

/** The login has no session, so nothing is known of its contacts. */
export interface NotSignedIn {
  readonly type: "not-signed-in";
  readonly passport: string;
  readonly network: string;
}

/** Why contacts, groups or settings were not changed. */
export type ListFailure =
  | NotSignedIn
  | {
      readonly type: "list-refused";
      /** The account, the group or the name that it was about. */
      readonly what: string;
      readonly network: string;
      readonly error: MsnError;
    };

/** An account with what it calls itself, if that is known. */
export interface Person {
  readonly account: string;
  readonly name: string | undefined;
}

export function notSignedIn({ row, network }: ListLogin): NotSignedIn {
  return { type: "not-signed-in", passport: row.passport, network: network.name };
}

/**
 * Looks at the lists of a login and changes them.
 * @param what the account, the group or the name that it is about
 */
export async function changeLists<R>(
  login: ListLogin,
  what: string,
  work: (lists: ContactList, roster: Roster) => Promise<R>,
): Promise<R | ListFailure> {
  const { lists, roster } = login.session;
  if (lists === undefined || roster === undefined) return notSignedIn(login);
  try {
    return await work(lists, roster);
  } catch (error) {
    if (!(error instanceof MsnError)) throw error;
    return { type: "list-refused", what, network: login.network.name, error };
  }
}

/** An account on the lists of a login, or one the server spoke of. */
export function contactOf({ session }: ListLogin, account: string): Contact | undefined {
  return session.roster?.contacts.get(accountKey(account));
}

export function personOf(login: ListLogin, account: string): Person {
  return { account, name: contactOf(login, account)?.name };
}
