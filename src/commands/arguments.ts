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

/** Whether a text can be the e-mail address of an account. */
export function isPassport(text: string): boolean {
  // docs/msnp.md 1.4: no network takes longer ones.
  return PASSPORT.test(text) && Buffer.byteLength(text) <= 129;
}

/** An address without the marks of a link, which clients make of it. */
export function plainAddress(word: string): string {
  return word.replace(/^<?(?:mailto:)?/u, "").replace(/>$/u, "");
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

/**
 * The login that a command is about: the one named, by its address or by server and address, or the only one there is.
 * @throws UserError
 */
export function pickLogin({ logins, sender }: CommandRequest, name: string): Login {
  const all = logins.of(sender);
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
export function takeLogin(request: CommandRequest, args: string, needed: number): { login: Login; rest: string } {
  const words = args.trim().split(/\s+/u);
  const last = words.at(-1) ?? "";
  const isNamed = words.length > needed && loginsNamed(request.logins.of(request.sender), last).length > 0;
  const login = pickLogin(request, isNamed ? last : "");
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
): { contact: string; login: Login; rest: string } {
  const [word, more] = splitWord(args);
  if (word === "") throw new UserError(`Say ${command} <e-mail of the person>.`);
  const contact = readPassport(word);
  const { login, rest } = takeLogin(request, more, 0);
  if (contact.toLowerCase() === login.row.passport.toLowerCase())
    throw new UserError("That is you. Name somebody else.");
  return { contact, login, rest };
}

/**
 * The same where nothing else may follow.
 * @throws UserError
 */
export function onlyContact(request: CommandRequest, args: string, command: string): { contact: string; login: Login } {
  const { contact, login, rest } = takeContact(request, args, command);
  // It is not one of hers, or more than that.
  if (rest !== "") return { contact, login: pickLogin(request, rest) };
  return { contact, login };
}

function namesOf(logins: readonly Login[]): string {
  const addresses = logins.map(({ row }) => row.passport.toLowerCase());
  const areUnique = new Set(addresses).size === addresses.length;
  return logins.map((login) => (areUnique ? login.row.passport : fullName(login))).join(", ");
}
