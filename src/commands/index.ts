import { nearest } from "../util/nearest.ts";
import { admin } from "./admin.ts";
import { pickLogin, splitWord } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";
import { deletePortal, nickname, nudge, unbridge } from "./chat.ts";
import { contacts } from "./contacts.ts";
import { createGroup, invite } from "./group-chat.ts";
import { group } from "./groups.ts";
import { explain, overview } from "./help.ts";
import { login, relogin } from "./login.ts";
import { logout, reconnect } from "./logout.ts";
import { add, allow, block, remove, unblock } from "./people.ts";
import { privacy } from "./privacy.ts";
import { loginMatrix, logoutMatrix, pingMatrix } from "./puppet.ts";
import { accept, decline, requests } from "./requests.ts";
import { retry } from "./retry.ts";
import { mayHoldSecret, removeSecret } from "./secret.ts";
import { setName } from "./set-name.ts";
import { setStatus } from "./set-status.ts";
import { startChat } from "./start-chat.ts";
import { listLogins, ping, status } from "./status.ts";
import { sync } from "./sync.ts";

const help: Command = {
  name: "help",
  group: "General",
  usage: "[command]",
  help: "tells what I understand, or all about one command",
  example: "help login",
  needs: "nothing",
  run: async (request, args) => {
    const [name] = splitWord(args);
    const mine = COMMANDS.filter(({ needs }) => request.isAdmin || needs !== "admin");
    const named = name === "" ? undefined : find(name);
    if (name !== "" && (named === undefined || !mine.includes(named))) throw unknown(name);
    await request.say(named === undefined ? overview(mine) : explain(named));
    return undefined;
  },
};

/** `cancel` must not wait for its turn, so whoever keeps the turns does it; here it is for `help` and suggestions. */
const cancel: Command = {
  name: "cancel",
  group: "General",
  usage: "",
  help: "stops what I am asking you or doing for you, at once",
  example: "cancel",
  needs: "nothing",
  run: () => Promise.reject(new UserError("There is nothing to cancel.")),
};

/** Everything that the bot understands, in the order in which it is shown. */
export const COMMANDS: readonly Command[] = [
  help,
  cancel,
  login,
  relogin,
  reconnect,
  logout,
  listLogins,
  status,
  setStatus,
  setName,
  ping,
  loginMatrix,
  logoutMatrix,
  pingMatrix,
  contacts,
  add,
  remove,
  block,
  unblock,
  allow,
  requests,
  accept,
  decline,
  group,
  privacy,
  sync,
  startChat,
  createGroup,
  invite,
  nudge,
  nickname,
  retry,
  deletePortal,
  unbridge,
  admin,
];

const BY_NAME: ReadonlyMap<string, Command> = new Map(
  COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command] as const)),
);

// What other bots want before their commands.
const SIGN = /^[!/](?=[a-z])/iu;

function find(name: string): Command | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Whether a text begins with the name of a command. */
export function isCommand(text: string): boolean {
  return find(splitWord(text)[0]) !== undefined;
}

/** Finds the command that a text begins with, and runs it. */
export const runByName: Command["run"] = async (request, text, signal) => {
  const [name, args] = splitWord(text);
  if (name === "") return help.run(request, "", signal);
  const command = find(name.replace(SIGN, "")) ?? (name === "?" ? help : undefined);
  // A mistyped login holds a password as well.
  if (command === undefined) throw unknown(name, mayHoldSecret(text) ? await removeSecret(request) : "");
  if (command.needs === "admin" && !request.isAdmin) {
    throw new UserError("That is only for those who look after the bridge.");
  }
  if (command.needs === "login" && request.logins.of(request.sender).length === 0) pickLogin(request, "");
  return command.run(request, args, signal);
};

// The word is not repeated: it may be a password that was meant as an answer.
function unknown(name: string, redaction = ""): UserError {
  const suggestion = nearest(name.toLowerCase(), [...BY_NAME.keys()]);
  const guess = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
  return new UserError(`I do not know that command.${guess} Say help to see all I understand. ${redaction}`.trim());
}
