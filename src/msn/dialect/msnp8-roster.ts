import { PHONES, type ListName, type RosterChange } from "./roster-change.ts";
import { parseStatus } from "../base/status.ts";
import { decodeArgument, type Command } from "../wire/command.ts";
import { parseCount } from "../wire/reader.ts";

// docs/msnp.md 3.3.
const LIST_BITS: ReadonlyArray<readonly [bit: number, list: ListName]> = [
  [1, "FL"],
  [2, "AL"],
  [4, "BL"],
  [8, "RL"],
];

/** The id that stands for "no group" (docs/msnp.md 3.2). */
export const NO_GROUP = "0";

const MAX_CAPABILITIES = 2 ** 32 - 1;

// Inside the lists these have no transaction id, outside they begin with one and mostly with the list version, which some
// servers leave out: the kind of the property or the list tells where the rest begins (docs/msnp.md 1.2).
const isNumber = (arg: string | undefined): boolean => !Number.isNaN(parseCount(arg));

// What else servers name where a telephone may stand; nothing is kept of it.
const OTHER_PROPERTIES = ["MFN", "HSB", "WWE"];
const PROPERTIES: ReadonlySet<string> = new Set([...PHONES, ...OTHER_PROPERTIES]);

type Reader = (args: readonly string[]) => RosterChange | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  // LSG id name 0; where servers list "no group", it is no group either (docs/msnp.md 3.3)
  LSG: ([id, name]) => (id === NO_GROUP ? undefined : readGroup(id, name)),
  // ADG t [version] name id [0]
  ADG: (args) => {
    const [name, id] = groupWords(args);
    return readGroup(id, name);
  },
  // REG t [version] id name [0]
  REG: (args) => readGroup(...groupWords(args)),
  // RMG t [version] id
  RMG: (args) => {
    const id = args.slice(1).at(-1);
    return id ? { type: "group-removed", id } : undefined;
  },
  LST: readContact,
  // ILN t status account name capabilities
  ILN: (args) => readPresence(args.slice(1)),
  NLN: readPresence,
  FLN: ([account]) => (account ? { type: "offline", account } : undefined),
  // GTC A inside the lists, GTC t version A outside
  GTC: (args) => readAsksOnAdd(args.at(-1)),
  BLP: (args) => readPrivacy(args.at(-1)),
  // PRP type [value] inside the lists, PRP t [version] type [value] outside
  PRP: (args) => readOwnPhone(args.slice(propertyAt(args))),
  // BPR type [value] inside the lists, BPR [version] account type [value] outside
  BPR: (args) => {
    const at = propertyAt(args);
    const account = args[at - 1];
    return readPhone(isNumber(account) ? undefined : account, args.slice(at));
  },
  // ADD t list [version] account name [group]
  ADD: (args) => {
    const [list, [account, name = "", id]] = readListed(args);
    const group = id === NO_GROUP ? undefined : id;
    return list && account ? { type: "listed", list, account, name: decodeArgument(name), group } : undefined;
  },
  // REM t list [version] account [group]
  REM: (args) => {
    const [list, [account, group]] = readListed(args);
    return list && account ? { type: "unlisted", list, account, group } : undefined;
  },
  // SYN t version [contacts groups]
  SYN: ([, version]) => (isNumber(version) ? { type: "version", version: parseCount(version) } : undefined),
};

/** What a command says about contacts, groups and settings; undefined for commands that say nothing about them. */
export function readRoster({ name, args }: Command): RosterChange | undefined {
  return READERS[name]?.(args);
}

function readGroup(id: string | undefined, name: string | undefined): RosterChange | undefined {
  return id && name !== undefined ? { type: "group", id, name: decodeArgument(name) } : undefined;
}

// A name and an id may be numbers like the version, so that what stands at the end tells where they are.
function groupWords(args: readonly string[]): [first: string | undefined, second: string | undefined] {
  const words = args.slice(1);
  if (words.length > 2 && words.at(-1) === "0") words.pop();
  return [words.at(-2), words.at(-1)];
}

function readList(list: string | undefined): ListName | undefined {
  return LIST_BITS.find(([, name]) => name === list?.toUpperCase())?.[1];
}

/** Where the kind of a property stands; behind everything where there is none. */
function propertyAt(args: readonly string[]): number {
  const at = args.slice(0, 3).findIndex((arg) => PROPERTIES.has(arg.toUpperCase()));
  return at === -1 ? args.length : at;
}

/** The list that a change is about, and what stands behind it and the version. */
function readListed(args: readonly string[]): [list: ListName | undefined, rest: readonly string[]] {
  const at = args.slice(0, 2).findIndex((arg) => readList(arg) !== undefined);
  if (at === -1) return [undefined, []];
  const rest = args.slice(at + 1);
  return [readList(args[at]), isNumber(rest[0]) ? rest.slice(1) : rest];
}

function readAsksOnAdd(code: string | undefined): RosterChange | undefined {
  return code === "A" || code === "N" ? { type: "asks-on-add", asksOnAdd: code === "A" } : undefined;
}

function readPrivacy(code: string | undefined): RosterChange | undefined {
  return code === "AL" || code === "BL" ? { type: "privacy", privacy: code } : undefined;
}

function readOwnPhone([type, value = ""]: readonly string[]): RosterChange | undefined {
  const phone = PHONES.find((known) => known === type?.toUpperCase());
  return phone && { type: "own-phone", phone, value: decodeArgument(value) };
}

function readPhone(account: string | undefined, [type, value = ""]: readonly string[]): RosterChange | undefined {
  const phone = PHONES.find((known) => known === type?.toUpperCase());
  return phone && { type: "phone", account, phone, value: decodeArgument(value) };
}

// LST account name bits [groups]
function readContact([account, name, bits, groups = ""]: readonly string[]): RosterChange | undefined {
  const sum = parseCount(bits);
  if (!account || name === undefined || Number.isNaN(sum)) return undefined;
  const lists = new Set(LIST_BITS.flatMap(([bit, list]) => ((sum & bit) === 0 ? [] : [list])));
  const ids = new Set(groups.split(",").filter((id) => id !== "" && id !== NO_GROUP));
  return { type: "contact", account, name: decodeArgument(name), lists, groups: ids };
}

// status account name capabilities; fields at the end may be missing
function readPresence([code, account, name = "", capabilities]: readonly string[]): RosterChange | undefined {
  if (!code || !account) return undefined;
  // An undocumented code still says that the contact is online.
  const status = parseStatus(code) ?? "NLN";
  // A hidden contact leaks as HDN (docs/msnp.md 3.5): people are told that they are offline.
  if (status === "HDN" || status === "FLN") return { type: "offline", account };
  // Newer clients announce two numbers, `2789003324:48`, of which the second means nothing to us.
  const number = parseCount(capabilities?.split(":")[0]);
  const known = Number.isNaN(number) || number > MAX_CAPABILITIES ? 0 : number;
  return { type: "presence", account, status, name: decodeArgument(name), capabilities: known };
}
