import type { Login } from "../bridge/login/login.ts";
import { STATUS_TEXTS, type Status } from "../msn/index.ts";
import { STATUS_POLICIES, type StatusPolicy } from "../store/logins.ts";
import { pickLogin, splitWord, unquoted } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";

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

const HIDDEN =
  "Nobody can write to you while you are hidden, and what they try to write is not kept. Say set-status online to be " +
  "seen again.";

const POLICY_TEXTS: Readonly<Record<StatusPolicy, string>> = {
  follow: "it follows what you do on Matrix",
  manual: "it stays as you set it",
  always: "it is always online",
};

export const setStatus: Command = {
  name: "set-status",
  group: "Accounts",
  usage: "[status] [your login]",
  help: "sets the status that your contacts see, or tells what it is",
  details:
    `A status is ${CHOICES}. With follow, contacts see you online when you are on Matrix and away when you are not; ` +
    "with manual it stays as you set it, and with always it is always online. A status that you set stays until you say " +
    "set-status follow.",
  example: "set-status busy",
  needs: "login",
  run: async (request, args) => {
    const [word, rest] = splitWord(args);
    if (word === "") {
      await request.say(request.logins.of(request.sender).map(tell).join("\n"));
      return undefined;
    }
    const change = readChange(unquoted(word));
    const login = pickLogin(request, rest.trim());
    await request.say(change.type === "policy" ? setPolicy(login, change.policy) : choose(login, change.status));
    return undefined;
  },
};

type Change =
  | { readonly type: "policy"; readonly policy: StatusPolicy }
  | { readonly type: "status"; readonly status: Exclude<Status, "FLN"> };

function readChange(word: string): Change {
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

function setPolicy(login: Login, policy: StatusPolicy): string {
  login.ownStatus.setPolicy(policy);
  return tell(login);
}

function choose(login: Login, status: Exclude<Status, "FLN">): string {
  login.ownStatus.choose(status);
  return [tell(login), ...(status === "HDN" ? [HIDDEN] : [])].join(" ");
}

function tell({ row, network, session, ownStatus }: Login): string {
  const { policy, wanted } = ownStatus;
  const when = session.state.type === "connected" ? "your status is" : "once you are signed in your status will be";
  return `${row.passport} on ${network.name}: ${when} "${STATUS_TEXTS[wanted]}", and ${POLICY_TEXTS[policy]}.`;
}
