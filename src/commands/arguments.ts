import type { CommandRequest } from "../bridge/command-request.ts";
import type { Login } from "../bridge/login.ts";
import { UserError } from "./command.ts";

/** The first word of a text and what follows it, without the space between. */
export function splitWord(text: string): [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/su.exec(text.trimStart()) ?? [];
  return [word, rest];
}

// What servers take for an account: something on both sides of one @, and nothing that could end a command's argument.
const PASSPORT = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;

/**
 * Reads the e-mail address of an account. Clients turn addresses into links, so their marks are taken off.
 * @throws UserError
 */
export function readPassport(word: string): string {
  const address = word.replace(/^<?(?:mailto:)?/u, "").replace(/>$/u, "");
  // docs/msnp.md 1.4: no network takes longer ones.
  if (!PASSPORT.test(address) || Buffer.byteLength(address) > 129) {
    throw new UserError(`"${word}" is not an e-mail address. Write it like nils@example.com.`);
  }
  return address;
}

/**
 * The login that a command is about: the one named, or the only one there is.
 * @throws UserError
 */
export function pickLogin({ logins, sender }: CommandRequest, passport: string): Login {
  const all = logins.of(sender);
  const [only, ...more] = all;
  if (only === undefined) throw new UserError("You are not logged in. Say login <e-mail> <password> first.");
  if (passport !== "") {
    const named = all.find(({ row }) => row.passport.toLowerCase() === passport.toLowerCase());
    if (named === undefined) throw new UserError(`You have no login ${passport}. Yours: ${namesOf(all)}.`);
    return named;
  }
  if (more.length > 0) throw new UserError(`You have several logins, so add which one you mean: ${namesOf(all)}.`);
  return only;
}

function namesOf(logins: readonly Login[]): string {
  return logins.map(({ row }) => row.passport).join(", ");
}
