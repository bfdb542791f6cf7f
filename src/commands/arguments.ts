import { findLogin, loginsNamed } from "../bridge/actions/logins.ts";
import type { Login } from "../bridge/login/login.ts";
import type { CommandContext } from "./context.ts";
import { UserError } from "./errors.ts";
import { sayNoLogin } from "./say/failures.ts";

/** Whose arguments are read. */
type Mine = Pick<CommandContext, "mine">;

/** The first word of a text and what follows it, without the space between. */
export function splitWord(text: string): [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/su.exec(text.trimStart()) ?? [];
  return [word, rest];
}

// What servers take for an account: something on both sides of one @, and nothing that could end a command's argument.
const PASSPORT = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;

/** Whether a text can be the e-mail address of an account. */
export function isAddress(text: string): boolean {
  // docs/msnp.md 1.4: no network takes longer ones.
  return PASSPORT.test(text) && Buffer.byteLength(text) <= 129;
}

/** An address without quotes, and without the marks of a link, which clients make of it. */
export function plainAddress(word: string): string {
  const bare = word.replaceAll(/^["'“”„«»‘’]+|["'“”„«»‘’]+$/gu, "");
  return bare.replace(/^<?(?:mailto:)?/u, "").replace(/>$/u, "");
}

// What people and their keyboards put around a name, and what ends it.
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "“": "”",
  "”": "”",
  "„": "“”",
  "«": "»",
  "»": "«",
  "‘": "’",
  "‚": "‘’",
};
const DOUBLE = /["“”„«»]/u;

/** A name without the quotes around it. A quote that stands within it, or alone as an apostrophe, belongs to it. */
export function unquoted(text: string): string {
  const name = text.trim();
  const [first = "", last = ""] = [name.at(0), name.length > 1 ? name.at(-1) : ""];
  const inner = name.slice(1, -1);
  const ends = QUOTES[first] ?? "";
  if (last !== "" && ends.includes(last) && !inner.includes(first) && !inner.includes(last)) return inner.trim();
  // One that was not closed, or not opened. Behind a number it means inches.
  if (DOUBLE.test(first) && !DOUBLE.test(name.slice(1))) return name.slice(1).trim();
  const isOnlyAtEnd = DOUBLE.test(last) && !DOUBLE.test(name.slice(0, -1)) && !/\d$/u.test(inner);
  return isOnlyAtEnd ? name.slice(0, -1).trim() : name;
}

/** What a name may be: as it was written, or what stands within quotes. A name may have quotes in it. */
export function nameReadings(text: string): readonly string[] {
  return [text.trim(), unquoted(text)];
}

/**
 * Reads the e-mail address of an account.
 * @throws UserError
 */
export function readPassport(word: string): string {
  const address = plainAddress(word);
  if (!isAddress(address)) {
    // Something else may have been said in its place, with a secret in it.
    const named = /\s/u.test(word) || word.length > 60 ? "That" : `"${word}"`;
    throw new UserError(`${named} is not an e-mail address. Write it like nils@example.com.`);
  }
  return address;
}

function isLive({ session }: Login): boolean {
  return session.state.type !== "logged-out";
}

/**
 * The login that a command is about: the one named, by its address or by server and address, or the only one there is.
 * @param suits which logins are a choice where none is named; those that are not logged out if not given, or if none is
 * @throws UserError
 */
export function pickLogin({ mine }: Mine, said: string, suits: (login: Login) => boolean = isLive): Login {
  const found = findLogin(mine, unquoted(said), [suits, isLive]);
  if ("type" in found) throw new UserError(sayNoLogin(found));
  return found;
}

/**
 * Takes the login, if one is named, from the end of what was said.
 * @param needed how many words before it are something else in any case
 * @throws UserError
 */
export function takeLogin(
  context: Mine,
  args: string,
  needed: number,
  suits?: (login: Login) => boolean,
): { login: Login; rest: string } {
  const words = args.trim().split(/\s+/u);
  const last = words.at(-1) ?? "";
  // One that ends a quotation belongs to what is quoted.
  const name = /^["'“„«‘]/u.test(last) ? unquoted(last) : last;
  const isNamed = words.length > needed && loginsNamed(context.mine, name).length > 0;
  const login = pickLogin(context, isNamed ? last : "", suits);
  return { login, rest: isNamed ? args.trim().slice(0, -last.length).trimEnd() : args.trim() };
}

/**
 * Reads `<e-mail> [your login]`.
 * @param command as it is called, for the sentence
 * @throws UserError
 */
export function takeContact(
  context: Mine,
  args: string,
  command: string,
  suits?: (login: Login, contact: string) => boolean,
): { contact: string; login: Login; rest: string } {
  const [word, more] = splitWord(args);
  if (word === "") throw new UserError(`Say ${command} <e-mail of the person>.`);
  const contact = readPassport(word);
  const { login, rest } = takeLogin(context, more, 0, suits && ((one) => suits(one, contact)));
  if (contact.toLowerCase() === login.row.passport.toLowerCase())
    throw new UserError("That is you. Name somebody else.");
  return { contact, login, rest };
}

/**
 * The same where nothing else may follow.
 * @throws UserError
 */
export function onlyContact(
  context: Mine,
  args: string,
  command: string,
  suits?: (login: Login, contact: string) => boolean,
): { contact: string; login: Login } {
  const { contact, login, rest } = takeContact(context, args, command, suits);
  // It is not one of theirs, or more than that.
  return { contact, login: rest === "" ? login : pickLogin(context, rest) };
}
