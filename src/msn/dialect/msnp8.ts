import { createHash } from "node:crypto";
import { MsnError } from "../base/errors.ts";
import { encodeArgument, type Command } from "../wire/command.ts";
import type { Dialect } from "./dialect.ts";
import { read, readIntroduction, readTicket, readWelcome } from "./msnp8-reading.ts";
import { NO_GROUP, readRoster } from "./msnp8-roster.ts";

// docs/msnp.md 3.7: the id and key with which clients of this age answer challenges.
const PRODUCT_ID = "msmsgs@msnmsgr.com";
const PRODUCT_KEY = "Q1P7W2E4J9R8U3S5";

const NAME = "MSNP8";
const CLIENT_VERSION = ["0x0409", "win", "4.10", "i386", "MSNMSGR", "5.0.0544", "MSMSGS"];

// Without a number of capabilities today's servers never answer (docs/msnp.md 3.5).
const CAPABILITIES = "0";

// Today's servers close the connection over longer ones (docs/msnp.md 1.4).
const MAX_PHONE_BYTES = 95;

export const msnp8: Dialect = {
  name: NAME,
  // docs/msnp.md 1.3.
  payloadCommands: new Set(["MSG", "NOT", "IPG"]),
  listCommands: new Set(["GTC", "BLP", "PRP", "LSG", "LST", "BPR"]),
  noGroup: NO_GROUP,

  read,

  // docs/msnp.md 2.2-2.5.
  offer: () => ({ name: "VER", args: [NAME, "CVR0"], read: checkVersion }),
  introduceClient: (account) => ({ name: "CVR", args: [...CLIENT_VERSION, account], read: nothing }),
  introduceAccount: (account) => ({
    name: "USR",
    args: ["TWN", "I", account],
    answers: ["USR", "XFR"],
    read: readIntroduction,
  }),
  authenticate: (ticket) => ({ name: "USR", args: ["TWN", "S", ticket], read: readWelcome }),
  loadLists: () => ({ name: "SYN", args: ["0"], read: nothing }),
  showStatus: (status) => ({ name: "CHG", args: [status, CAPABILITIES], read: nothing }),

  ping: () => ({ name: "PNG", args: [] }),
  signOut: () => ({ name: "OUT", args: [] }),
  answerChallenge: (challenge) => ({
    name: "QRY",
    args: [PRODUCT_ID],
    payload: Buffer.from(createHash("md5").update(`${challenge}${PRODUCT_KEY}`).digest("hex")),
    read: nothing,
  }),
  requestSwitchboard: () => ({ name: "XFR", args: ["SB"], read: ({ args }) => readTicket(args[2], args[4]) }),
  mailPage: (page) => ({
    name: "URL",
    args: page,
    read: ({ args }) => ({ page: args[1] ?? "", formUrl: args[2] ?? "", id: args[3] ?? "" }),
  }),

  // docs/msnp.md 3.4: what a reason means depends on what was asked. The name of a contact is the server's business.
  addToList: (list, { account }, group) => ({
    name: "ADD",
    args: group === undefined ? [list, account, account] : [list, account, account, group],
    settledBy: ["already-there"],
    read: nothing,
  }),
  removeFromList: (list, { account }, group) => ({
    name: "REM",
    args: group === undefined ? [list, account] : [list, account, group],
    settledBy: ["no-such-account", "not-there", ...(group === undefined ? [] : (["not-in-group"] as const))],
    read: nothing,
  }),
  addGroup: (name) => ({ name: "ADG", args: [encodeArgument(name), "0"], read: readNewGroup }),
  renameGroup: (id, name) => ({ name: "REG", args: [id, encodeArgument(name), "0"], read: nothing }),
  removeGroup: (id) => ({ name: "RMG", args: [id], read: nothing }),
  rename: (account, name) => ({ name: "REA", args: [account, encodeArgument(name)], read: nothing }),
  setPhone: (phone, value) => {
    const encoded = encodeArgument(value);
    if (encoded.length > MAX_PHONE_BYTES)
      throw new MsnError("rejected", `a phone number may have ${MAX_PHONE_BYTES} bytes`);
    return { name: "PRP", args: encoded === "" ? [phone] : [phone, encoded], read: nothing };
  },
  setPrivacy: (privacy) => ({ name: "BLP", args: [privacy], settledBy: ["unchanged"], read: nothing }),
  setAsksOnAdd: (asks) => ({ name: "GTC", args: [asks ? "A" : "N"], settledBy: ["unchanged"], read: nothing }),
};

/** That there is an answer says all. */
function nothing(): void {
  return undefined;
}

function checkVersion({ args }: Command): void {
  if (!args.includes(NAME)) throw new MsnError("rejected", `the server does not speak ${NAME}`);
}

function readNewGroup(answer: Command): string {
  const group = readRoster(answer);
  if (group?.type !== "group") throw new MsnError("protocol", "the server made a group without an id");
  return group.id;
}
