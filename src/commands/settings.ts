import {
  privacyOf,
  setName,
  setPrivacy,
  setStatus,
  statusOf,
  type PrivacyChange,
  type StatusChange,
} from "../bridge/actions/settings.ts";
import { STATUS_TEXTS, type Status } from "../msn/index.ts";
import { STATUS_POLICIES } from "../store/logins.ts";
import { pickLogin, splitWord, takeLogin, unquoted } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import { UserError } from "./errors.ts";
import { HIDDEN, sayName, sayPrivacy, sayStatus } from "./say/settings.ts";

// What people call the statuses, beside their codes.
const WORDS: Readonly<Record<string, Status>> = {
  online: "NLN",
  available: "NLN",
  busy: "BSY",
  idle: "IDL",
  brb: "BRB",
  away: "AWY",
  phone: "PHN",
  lunch: "LUN",
  invisible: "HDN",
  hidden: "HDN",
  offline: "FLN",
};

const CHOICES = "online, busy, away, brb, phone, lunch, idle or hidden; or follow, manual or always";

export const setStatusCommand: BotCommand = {
  name: "set-status",
  group: "Accounts",
  usage: "[status] [your login]",
  help: "sets the status that your contacts see, or tells what it is",
  details:
    `A status is ${CHOICES}. With follow, contacts see you online when you are on Matrix and away when you are not; ` +
    "with manual it stays as you set it, and with always it is always online. A status that you set stays until you say " +
    "set-status follow.",
  example: "set-status busy",
  run: (context, args) => {
    const [word, rest] = splitWord(args);
    if (word === "") return context.mine.map((login) => sayStatus(statusOf(login)));
    const change = readChange(unquoted(word));
    const answer = sayStatus(setStatus(pickLogin(context, rest.trim()), change));
    return change.type === "status" && change.status === "HDN" ? `${answer} ${HIDDEN}` : answer;
  },
};

function readChange(word: string): StatusChange {
  const lower = word.toLowerCase();
  const policy = STATUS_POLICIES.find((known) => known === lower);
  if (policy !== undefined) return { type: "policy", policy };
  const code = Object.keys(STATUS_TEXTS).find((known) => known === word.toUpperCase());
  const status = Object.values(WORDS).find((known) => known === (WORDS[lower] ?? code));
  if (status === undefined) throw new UserError(`There is no status "${word}". Say set-status and one of ${CHOICES}.`);
  if (status === "FLN")
    throw new UserError("Nobody is offline while signed in. Say logout to sign out, or set-status hidden.");
  return { type: "status", status };
}

export const setNameCommand: BotCommand = {
  name: "set-name",
  group: "Accounts",
  usage: "<name> [your login]",
  help: "sets the name under which your contacts see you",
  example: "set-name Mia",
  run: async (context, args) => {
    const { login, rest } = takeLogin(context, args, 1);
    return sayName(await setName(login, unquoted(rest)));
  },
};

export const privacyCommand: BotCommand = {
  name: "privacy",
  group: "Contacts",
  usage: "[open | closed | ask on | ask off] [your login]",
  help: "shows or sets who may see you and write to you",
  details:
    "Open: everybody whom you have not blocked. Closed: only those whom you have allowed or added. " +
    "ask on and ask off are a note on the server for other MSN clients: whether they ask you when somebody adds you.",
  example: "privacy closed",
  run: async (context, args) => {
    const { login, rest } = takeLogin(context, args, 0);
    const wish = unquoted(rest).toLowerCase().split(/\s+/u).join(" ");
    if (wish === "") return sayPrivacy(privacyOf(login));
    const change = WISHES.get(wish);
    if (change === undefined) throw new UserError("Say privacy open, closed, ask on or ask off.");
    return sayPrivacy(await setPrivacy(login, change));
  },
};

const WISHES: ReadonlyMap<string, PrivacyChange> = new Map<string, PrivacyChange>([
  ["open", { isOpen: true }],
  ["closed", { isOpen: false }],
  ["ask on", { asksOnAdd: true }],
  ["ask off", { asksOnAdd: false }],
]);
