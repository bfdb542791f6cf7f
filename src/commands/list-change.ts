import type { Login } from "../bridge/login/login.ts";
import { MsnError, type ContactList, type Contact, type Roster, type ServerReason } from "../msn/index.ts";
import { UserError } from "./command.ts";

/**
 * What is known of the contacts of a login.
 * @throws UserError when it is not signed in
 */
export function rosterOf({ session, row, network }: Login): Roster {
  const { roster } = session;
  if (roster === undefined) {
    throw new UserError(`${row.passport} is not signed in to ${network.name} right now. Say status to see why.`);
  }
  return roster;
}

/** A person on the lists of a login, or one the server spoke of. */
export function contactOf(login: Login, account: string): Contact | undefined {
  return rosterOf(login).contacts.get(account.toLowerCase());
}

/**
 * Changes the lists, groups or settings of a login.
 * @param what the person or the group that it is about, for the sentence
 * @throws UserError when the server does not do it, or nobody is signed in
 */
export async function changeLists<T>(login: Login, what: string, work: (lists: ContactList) => Promise<T>): Promise<T> {
  rosterOf(login);
  const { lists } = login.session;
  if (lists === undefined) throw new UserError("You are not signed in to MSN right now. Say status to see why.");
  try {
    return await work(lists);
  } catch (error) {
    if (!(error instanceof MsnError)) throw error;
    throw new UserError(refusal(error, what, login.network.name), { cause: error });
  }
}

// docs/msnp.md 3.4 and 6: what the reasons mean when lists and groups are changed.
const REFUSALS: Partial<Record<ServerReason, (what: string) => string>> = {
  "invalid-argument": (what) => `The server does not take ${what} for an e-mail address.`,
  "no-such-account": (what) => `There is no MSN account ${what} on this server. Check the spelling.`,
  "invalid-account": (what) => `There is no MSN account ${what} on this server. Check the spelling.`,
  "forbidden-name": (what) => `The server does not allow the name ${what}.`,
  "list-full": () => "Your list is full, so the server takes nobody more. Remove somebody first.",
  "on-opposite-list": (what) =>
    `${what} is on the opposite list: the server takes nobody who is both allowed and blocked.`,
  "too-many-groups": () => "You have as many groups as the server allows. Remove one first.",
  "no-such-group": (what) => `The server knows no group for ${what}. Say group list to see yours.`,
  "not-in-group": (what) => `${what} is not in that group.`,
  "group-exists": (what) => `You have a group ${what} already.`,
  "group-name-too-long": (what) => `The name ${what} is too long: a group may have about 60 characters.`,
  "fixed-group": () => "That group holds those who are in no other, and cannot be changed.",
};

function refusal(error: MsnError, what: string, server: string): string {
  const sentence = error.reason && REFUSALS[error.reason]?.(what);
  if (sentence !== undefined) return sentence;
  switch (error.code) {
    case "timeout":
      return `${server} did not answer, which may mean that it refuses this. Say contacts to see what is true now.`;
    case "connection-closed":
      return `The connection to ${server} broke meanwhile. Say contacts later to see whether it was done.`;
    case "server-busy":
      return `${server} is too busy right now. Say it again in a minute.`;
    default:
      return `${server} refused this: ${error.message}.`;
  }
}
