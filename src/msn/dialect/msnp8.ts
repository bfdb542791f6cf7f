import { createHash } from "node:crypto";
import type { ListName, RosterChange } from "../roster.ts";
import { decodeArgument, type Command } from "../wire/command.ts";
import { parseCount } from "../wire/reader.ts";
import { STATUSES, type Dialect, type Status } from "./dialect.ts";

// docs/msnp.md 1.3: the last argument of these is the payload's length.
const PAYLOAD_COMMANDS: ReadonlySet<string> = new Set(["MSG", "NOT", "IPG"]);

// docs/msnp.md 3.7: the id and key with which clients of this age answer challenges.
const PRODUCT_ID = "msmsgs@msnmsgr.com";
const PRODUCT_KEY = "Q1P7W2E4J9R8U3S5";

// docs/msnp.md 3.3.
const LIST_BITS: ReadonlyArray<readonly [bit: number, list: ListName]> = [
  [1, "FL"],
  [2, "AL"],
  [4, "BL"],
  [8, "RL"],
];

const MAX_CAPABILITIES = 2 ** 32 - 1;

export const msnp8: Dialect = {
  name: "MSNP8",
  clientVersion: ["0x0409", "win", "4.10", "i386", "MSNMSGR", "5.0.0544", "MSMSGS"],
  capabilities: 0,
  payloadLength: (command) => (PAYLOAD_COMMANDS.has(command.name) ? parseCount(command.args.at(-1)) : undefined),
  answerChallenge: (challenge) => ({
    productId: PRODUCT_ID,
    response: Buffer.from(createHash("md5").update(`${challenge}${PRODUCT_KEY}`).digest("hex")),
  }),
  // USR t OK account name verified kid
  ownName: ([, , , name]) => (name === undefined ? undefined : decodeArgument(name)),
  readRoster,
};

function readRoster({ name, args }: Command): RosterChange | undefined {
  switch (name) {
    case "LSG": {
      const [id, group] = args;
      return id === undefined || group === undefined ? undefined : { type: "group", id, name: decodeArgument(group) };
    }
    case "LST":
      return readContact(args);
    case "ILN":
      return readPresence(args.slice(1));
    case "NLN":
      return readPresence(args);
    case "FLN":
      return args[0] ? { type: "offline", account: args[0] } : undefined;
    default:
      return undefined;
  }
}

// LST account name bits [groups]
function readContact([account, name, bits, groups = ""]: readonly string[]): RosterChange | undefined {
  const sum = parseCount(bits);
  if (!account || name === undefined || Number.isNaN(sum)) return undefined;
  const lists = new Set(LIST_BITS.flatMap(([bit, list]) => ((sum & bit) === 0 ? [] : [list])));
  // Group 0 stands for "no group" (docs/msnp.md 3.2).
  const ids = groups.split(",").filter((id) => id !== "" && id !== "0");
  return { type: "contact", account, name: decodeArgument(name), lists, groups: ids };
}

// status account name capabilities; fields at the end may be missing
function readPresence([code, account, name = "", capabilities]: readonly string[]): RosterChange | undefined {
  if (!code || !account) return undefined;
  const status = parseStatus(code);
  // A hidden contact leaks as HDN (docs/msnp.md 3.5): people are told that she is offline.
  if (status === "HDN" || status === "FLN") return { type: "offline", account };
  const number = parseCount(capabilities);
  const known = Number.isNaN(number) || number > MAX_CAPABILITIES ? 0 : number;
  return { type: "presence", account, status, name: decodeArgument(name), capabilities: known };
}

// A code that nobody has documented still says that somebody is there.
function parseStatus(code: string): Status {
  return STATUSES.find((status) => status === code.toUpperCase()) ?? "NLN";
}
