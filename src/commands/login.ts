import type { CommandRequest } from "../bridge/command-request.ts";
import { LoginRefused } from "../bridge/logins.ts";
import { signInFailed } from "../bridge/sentences.ts";
import type { Network } from "../bridge/session.ts";
import { MsnError } from "../msn/index.ts";
import { StoreError } from "../store/errors.ts";
import { pickLogin, readPassport, splitWord } from "./arguments.ts";
import { FinalError, UserError, type Command, type Question } from "./command.ts";

/** Who wants to be signed in where. */
interface Wish {
  readonly network: Network;
  readonly passport: string;
}

export const login: Command = {
  name: "login",
  group: "Accounts",
  usage: "[server] [e-mail] [password]",
  help: "signs you in with an MSN account; I ask for what you leave out, and remove your password where I can",
  details: "You may have several accounts, on the same server and on others.",
  example: "login nils@example.com",
  needs: "nothing",
  run: async (request, args, signal) => {
    // First of all, so that the password is seen for as short a time as can be.
    const redaction = mayHoldPassword(args) ? await removePassword(request) : "";
    signal.throwIfAborted();
    if (redaction === "") refuseInChat(request);
    const [network, rest] = readNetwork(request, args, redaction);
    if (network === undefined) return askNetwork(request);
    const [word, password] = splitWord(rest);
    if (word === "") return askPassport(network);
    if (password === "") return askPassword({ network, passport: readPassport(word) });
    return signIn(request, { network, passport: readPassport(word) }, { password, redaction, signal });
  },
};

export const relogin: Command = {
  name: "relogin",
  aliases: ["password"],
  group: "Accounts",
  usage: "[your login]",
  help: "signs you in anew with another password, which is kept from then on; your rooms stay",
  example: "password",
  needs: "login",
  run: (request, args) => {
    const { network, row } = pickLogin(request, args.trim());
    refuseInChat(request);
    return Promise.resolve(askPassword({ network, passport: row.passport }));
  },
};

// What is said there without the prefix goes to the contact.
function refuseInChat({ portal }: CommandRequest): void {
  if (portal !== undefined)
    throw new FinalError("Say that in your chat with me, so that nobody else gets your password.");
}

// Undefined: there are several, and none is named.
function readNetwork(
  { logins: { networks } }: CommandRequest,
  args: string,
  redaction: string,
): [Network | undefined, rest: string] {
  const [word, rest] = splitWord(args);
  const named = networks.find(({ id }) => id === word.toLowerCase());
  if (named !== undefined) return [named, rest];
  const [only, ...more] = networks;
  if (more.length === 0) return [only, args];
  if (word === "") return [undefined, ""];
  throw new UserError(`Name the server first: login <server> <e-mail> <password>. ${serversOf(networks)} ${redaction}`);
}

function askNetwork({ logins: { networks } }: CommandRequest): Question {
  return {
    prompt: `Which server is your account on? ${serversOf(networks)} Say cancel to stop.`,
    next: (_, answer) => {
      const named = networks.find(({ id, name }) => [id, name.toLowerCase()].includes(answer.toLowerCase()));
      if (named === undefined) throw new UserError(`There is no such server. ${serversOf(networks)}`);
      return Promise.resolve(askPassport(named));
    },
  };
}

function askPassport(network: Network): Question {
  return {
    prompt: `Which e-mail address is your account on ${network.name}? Write it as it was registered, capital letters included.`,
    next: (_, answer) => Promise.resolve(askPassword({ network, passport: readPassport(answer) })),
  };
}

function askPassword(wish: Wish): Question {
  return {
    isSecret: true,
    prompt: `What is the password of ${wish.passport}? I remove your answer where I can. Say cancel to stop.`,
    next: async (request, password, signal) => {
      const redaction = await removePassword(request);
      signal.throwIfAborted();
      return signIn(request, wish, { password, redaction, signal });
    },
  };
}

async function signIn(
  request: CommandRequest,
  { network, passport }: Wish,
  { password, redaction, signal }: { password: string; redaction: string; signal: AbortSignal },
): Promise<undefined> {
  try {
    const wish = { owner: request.sender, network, passport, password: password.trimEnd() };
    await request.logins.signIn(wish, signal);
  } catch (error) {
    throw new FinalError(`${explain(error, network, passport)} ${redaction}`, { cause: error });
  }
  await request.say(
    `You are signed in to ${network.name} as ${passport}. Messages from your contacts open rooms by themselves; ` +
      `say start-chat <e-mail> to write first. ${redaction}`,
  );
}

// What access tokens look like: long, and of no language.
const TOKEN = /(?:^|\s)[\w+/=.~-]{28,}(?:\s|$)/u;

/** Whether something stands behind an e-mail address, or there is something like an access token. */
export function mayHoldPassword(text: string): boolean {
  return /\S@\S+\s+\S/u.test(text) || TOKEN.test(text);
}

/**
 * Removes what the person said, and tells what came of it.
 * @param what the secret that it held
 */
export async function removePassword(request: CommandRequest, what = "password"): Promise<string> {
  const kept = "The homeserver may keep the original for a while.";
  if (await request.redact()) return `I removed your message with the ${what}. ${kept}`;
  return `I may not remove your message with the ${what} here: please delete it yourself. ${kept}`;
}

function explain(error: unknown, network: Network, passport: string): string {
  if (error instanceof MsnError) return signInFailed(error, network.name);
  if (error instanceof StoreError && error.code === "taken") {
    return `${passport} is signed in by somebody else on this bridge, who has to log out first.`;
  }
  if (error instanceof LoginRefused) return error.message;
  throw error;
}

function serversOf(networks: readonly Network[]): string {
  return `There are: ${networks.map(({ id }) => id).join(", ")}.`;
}
