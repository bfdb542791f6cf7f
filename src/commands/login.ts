import type { CommandRequest } from "../bridge/command-request.ts";
import { signInFailed } from "../bridge/sentences.ts";
import type { Network } from "../bridge/session.ts";
import { MsnError } from "../msn/index.ts";
import { StoreError } from "../store/errors.ts";
import { readPassport, splitWord } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";

export const login: Command = {
  name: "login",
  usage: "[server] <e-mail> <password>",
  help: "signs you in with an MSN account; your message with the password is removed where I can do that",
  needs: "nothing",
  run: async (request, args) => {
    const [network, rest] = readNetwork(request, args);
    const [word, password] = splitWord(rest);
    if (password === "") throw new UserError("Say login <e-mail> <password>.");
    // First of all, so that the password is seen for as short a time as can be.
    const redaction = await removePassword(request);
    const passport = readPassport(word);
    try {
      await request.logins.signIn({ owner: request.sender, network, passport, password: password.trimEnd() });
    } catch (error) {
      throw new UserError(`${explain(error, network, passport)} ${redaction}`, { cause: error });
    }
    await request.say(
      `You are signed in to ${network.name} as ${passport}. Messages from your contacts open rooms by themselves; ` +
        `say start-chat <e-mail> to write first. ${redaction}`,
    );
  },
};

function readNetwork({ logins: { networks } }: CommandRequest, args: string): [network: Network, rest: string] {
  const [word, rest] = splitWord(args);
  const named = networks.find(({ id }) => id === word.toLowerCase());
  if (named !== undefined) return [named, rest];
  const [only, ...more] = networks;
  if (only !== undefined && more.length === 0) return [only, args];
  const ids = networks.map(({ id }) => id).join(", ");
  throw new UserError(`Say which server you mean, login <server> <e-mail> <password>. There are: ${ids}.`);
}

async function removePassword(request: CommandRequest): Promise<string> {
  const kept = "The homeserver may keep the original for a while.";
  if (await request.redact()) return `I removed your message with the password. ${kept}`;
  return `I may not remove your message with the password here: please delete it yourself. ${kept}`;
}

function explain(error: unknown, network: Network, passport: string): string {
  if (error instanceof MsnError) return signInFailed(error, network.name);
  if (error instanceof StoreError && error.code === "taken") {
    return `${passport} is signed in by somebody else on this bridge, who has to log out first.`;
  }
  throw error;
}
