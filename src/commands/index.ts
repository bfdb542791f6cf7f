import { nearest } from "../util/nearest.ts";
import { pickLogin, splitWord } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";
import { contacts } from "./contacts.ts";
import { login, mayHoldPassword, relogin, removePassword } from "./login.ts";
import { logout, reconnect } from "./logout.ts";
import { retry } from "./retry.ts";
import { startChat } from "./start-chat.ts";
import { ping, status } from "./status.ts";

const help: Command = {
  name: "help",
  usage: "[command]",
  help: "tells what I understand",
  needs: "nothing",
  run: async (request, args) => {
    const [name] = splitWord(args);
    const named = COMMANDS.find((command) => command.name === name.toLowerCase());
    if (name !== "" && named === undefined) throw unknown(name);
    await request.say((named === undefined ? COMMANDS : [named]).map(describe).join("\n"));
    return undefined;
  },
};

/** `cancel` must not wait for its turn, so whoever keeps the turns does it; here it is for `help` and suggestions. */
const cancel: Command = {
  name: "cancel",
  usage: "",
  help: "stops what I am asking you or doing for you, at once",
  needs: "nothing",
  run: () => Promise.reject(new UserError("There is nothing to cancel.")),
};

const COMMANDS: readonly Command[] = [
  help,
  login,
  cancel,
  relogin,
  reconnect,
  logout,
  status,
  ping,
  contacts,
  startChat,
  retry,
];

/** Finds the command that a text begins with, and runs it. */
export const runByName: Command["run"] = async (request, text, signal) => {
  const [name, args] = splitWord(text);
  if (name === "") return help.run(request, "", signal);
  const command = COMMANDS.find((known) => known.name === name.toLowerCase());
  // A mistyped login holds a password as well.
  if (command === undefined) throw unknown(name, mayHoldPassword(args) ? await removePassword(request) : "");
  if (command.needs === "login" && request.logins.of(request.sender).length === 0) pickLogin(request, "");
  return command.run(request, args, signal);
};

// The word is not repeated: it may be a password that was meant as an answer.
function unknown(name: string, redaction = ""): UserError {
  const names = COMMANDS.map((command) => command.name);
  const suggestion = nearest(name.toLowerCase(), names);
  const guess = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
  return new UserError(`I do not know that command.${guess} Say help to see all I understand. ${redaction}`.trim());
}

function describe({ name, usage, help: line }: Command): string {
  return `${[name, usage].filter((part) => part !== "").join(" ")}: ${line}`;
}
