import { nearest } from "../util/nearest.ts";
import { adminCommand } from "./admin.ts";
import { pickLogin, splitWord } from "./arguments.ts";
import { CHAT_COMMANDS } from "./chats.ts";
import type { BotCommand } from "./command.ts";
import { contactsCommand } from "./contacts.ts";
import { UserError } from "./errors.ts";
import { groupCommand } from "./groups.ts";
import { explain, overview } from "./help.ts";
import { SIGN_IN_COMMANDS } from "./login.ts";
import { listLoginsCommand, logoutCommand, pingCommand, reconnectCommand, statusCommand } from "./logins.ts";
import { PERSON_COMMANDS } from "./people.ts";
import { PUPPET_COMMANDS } from "./puppet.ts";
import { mayHoldSecret } from "./secret.ts";
import { privacyCommand, setNameCommand, setStatusCommand } from "./settings.ts";
import { strangersCommand } from "./strangers.ts";
import { syncCommand } from "./sync.ts";

const helpCommand: BotCommand = {
  name: "help",
  group: "General",
  usage: "[command]",
  help: "tells what I understand, or all about one command",
  example: "help login",
  needs: "nothing",
  run: ({ isAdmin }, args) => {
    const [name] = splitWord(args);
    const mine = COMMANDS.filter(({ needs }) => isAdmin || needs !== "admin");
    const named = name === "" ? undefined : find(name);
    if (name !== "" && (named === undefined || !mine.includes(named))) throw unknown(name);
    return named === undefined ? overview(mine) : explain(named);
  },
};

/** `cancel` must not wait for its turn, so `Bot` does it; here it is for `help` and suggestions. */
const cancelCommand: BotCommand = {
  name: "cancel",
  group: "General",
  help: "stops what I am asking you or doing for you, at once",
  example: "cancel",
  needs: "nothing",
  run: () => "There is nothing to cancel.",
};

/** Everything that the bot understands, in the order in which it is shown. */
export const COMMANDS: readonly BotCommand[] = [
  helpCommand,
  cancelCommand,
  ...SIGN_IN_COMMANDS,
  reconnectCommand,
  logoutCommand,
  listLoginsCommand,
  statusCommand,
  setStatusCommand,
  setNameCommand,
  pingCommand,
  ...PUPPET_COMMANDS,
  contactsCommand,
  ...PERSON_COMMANDS,
  strangersCommand,
  groupCommand,
  privacyCommand,
  syncCommand,
  ...CHAT_COMMANDS,
  adminCommand,
];

const BY_NAME: ReadonlyMap<string, BotCommand> = new Map(
  COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command] as const)),
);

// What other bots want before their commands.
const SIGN = /^[!/](?=[a-z])/iu;

function find(name: string): BotCommand | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Whether a text begins with the name of a command. */
export function isCommand(text: string): boolean {
  return find(splitWord(text)[0]) !== undefined;
}

/** Finds the command that a text begins with, and runs it. */
export const runByName: BotCommand["run"] = async (context, text) => {
  const [name, args] = splitWord(text);
  if (name === "") return helpCommand.run(context, "");
  const command = find(name.replace(SIGN, "")) ?? (name === "?" ? helpCommand : undefined);
  // A mistyped login holds a password as well.
  if (command === undefined) throw unknown(name, mayHoldSecret(text) ? await context.removeSecret("password") : "");
  if (command.needs === "admin" && !context.isAdmin)
    throw new UserError("That is only for those who look after the bridge.");
  if (command.needs === undefined && context.mine.length === 0) pickLogin(context, "");
  return command.run(context, args);
};

// The word is not repeated: it may be a password that was meant as an answer.
function unknown(name: string, redaction = ""): UserError {
  const suggestion = nearest(name.toLowerCase(), [...BY_NAME.keys()]);
  const guess = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
  return new UserError(`I do not know that command.${guess} Say help to see all I understand. ${redaction}`.trim());
}
