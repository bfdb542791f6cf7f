import type { CommandRequest, RunCommand } from "../bridge/command-request.ts";
import { nearest } from "../util/nearest.ts";
import { pickLogin, splitWord } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { ping } from "./ping.ts";
import { startChat } from "./start-chat.ts";

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
  },
};

const COMMANDS: readonly Command[] = [help, login, logout, startChat, ping];

/** Understands and runs what somebody said to the bot, and answers her. */
export const runCommand: RunCommand = async (request) => {
  try {
    await run(request);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await request.say(error.message);
  }
};

async function run(request: CommandRequest): Promise<void> {
  const [name, args] = splitWord(request.text);
  const command = COMMANDS.find((known) => known.name === name.toLowerCase());
  if (name === "") return help.run(request, "");
  if (command === undefined) throw unknown(name);
  if (command.needs === "login" && request.logins.of(request.sender).length === 0) pickLogin(request, "");
  return command.run(request, args);
}

function unknown(name: string): UserError {
  const suggestion = nearest(
    name.toLowerCase(),
    COMMANDS.map((command) => command.name),
  );
  const guess = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
  return new UserError(`I do not know the command "${name}".${guess} Say help to see all I understand.`);
}

function describe({ name, usage, help: line }: Command): string {
  return `${[name, usage].filter((part) => part !== "").join(" ")}: ${line}`;
}
