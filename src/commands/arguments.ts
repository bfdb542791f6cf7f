import type { CommandRequest } from "./request.ts";
import type { Login } from "../bridge/login/login.ts";
import { UserError } from "./command.ts";

/** The first word of a text and what follows it, without the space between. */
export function splitWord(text: string): [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/su.exec(text.trimStart()) ?? [];
  return [word, rest];
}

// What servers take for an account: something on both sides of one @, and nothing that could end a command's argument.
const PASSPORT = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;

/** Whether a text can be the e-mail address of an account. */
export function isPassport(text: string): boolean {
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

/**
 * Reads the e-mail address of an account.
 * @throws UserError
 */
export function readPassport(word: string): string {
  const address = plainAddress(word);
  if (!isPassport(address)) {
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
export function pickLogin(
  { logins, sender }: CommandRequest,
  said: string,
  suits: (login: Login) => boolean = isLive,
): Login {
  const name = unquoted(said);
  const mine = logins.of(sender);
  const choices = name === "" ? [mine.filter(suits), mine.filter(isLive)] : [];
  const all = choices.find(({ length }) => length > 0) ?? mine;
  const [only, ...more] = all;
  if (only === undefined) throw new UserError("You are not logged in. Say login <e-mail> <password> first.");
  if (name !== "") {
    const [named, another] = loginsNamed(all, name);
    if (named === undefined) throw new UserError(`You have no login ${name}. Yours: ${namesOf(all)}.`);
    if (another !== undefined) throw new UserError(`Say on which server you mean it. Yours: ${namesOf(all)}.`);
    return named;
  }
  if (more.length > 0) throw new UserError(`You have several logins, so add which one you mean: ${namesOf(all)}.`);
  return only;
}

/** The logins that go by a name, which is an address, or a server and an address with a slash between. */
export function loginsNamed(all: readonly Login[], name: string): Login[] {
  const wanted = name.toLowerCase();
  const exact = all.filter((login) => fullName(login) === wanted);
  return exact.length > 0 ? exact : all.filter(({ row }) => row.passport.toLowerCase() === wanted);
}

/** The name of a login that no other login of the same person has. */
export function fullName({ row }: Login): string {
  return `${row.server}/${row.passport.toLowerCase()}`;
}

/**
 * Takes the login, if one is named, from the end of what was said.
 * @param needed how many words before it are something else in any case
 * @throws UserError
 */
export function takeLogin(
  request: CommandRequest,
  args: string,
  needed: number,
  suits?: (login: Login) => boolean,
): { login: Login; rest: string } {
  const words = args.trim().split(/\s+/u);
  const last = words.at(-1) ?? "";
  // One that ends a quotation belongs to what is quoted.
  const name = /^["'“„«‘]/u.test(last) ? unquoted(last) : last;
  const isNamed = words.length > needed && loginsNamed(request.logins.of(request.sender), name).length > 0;
  const login = pickLogin(request, isNamed ? last : "", suits);
  return { login, rest: isNamed ? args.trim().slice(0, -last.length).trimEnd() : args.trim() };
}

/**
 * Reads `<e-mail> [your login]`.
 * @param command as it is called, for the sentence
 * @throws UserError
 */
export function takeContact(
  request: CommandRequest,
  args: string,
  command: string,
  suits?: (login: Login, contact: string) => boolean,
): { contact: string; login: Login; rest: string } {
  const [word, more] = splitWord(args);
  if (word === "") throw new UserError(`Say ${command} <e-mail of the person>.`);
  const contact = readPassport(word);
  const { login, rest } = takeLogin(request, more, 0, suits && ((one) => suits(one, contact)));
  if (contact.toLowerCase() === login.row.passport.toLowerCase())
    throw new UserError("That is you. Name somebody else.");
  return { contact, login, rest };
}

/**
 * The same where nothing else may follow.
 * @throws UserError
 */
export function onlyContact(
  request: CommandRequest,
  args: string,
  command: string,
  suits?: (login: Login, contact: string) => boolean,
): { contact: string; login: Login } {
  const { contact, login, rest } = takeContact(request, args, command, suits);
  // It is not one of hers, or more than that.
  if (rest !== "") return { contact, login: pickLogin(request, rest) };
  return { contact, login };
}

function namesOf(logins: readonly Login[]): string {
  const addresses = logins.map(({ row }) => row.passport.toLowerCase());
  const areUnique = new Set(addresses).size === addresses.length;
  return logins.map((login) => (areUnique ? login.row.passport : fullName(login))).join(", ");
}
