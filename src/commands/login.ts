import type { CommandRequest } from "./request.ts";
import type { Login } from "../bridge/login/login.ts";
import { AccountInUse, LoginRefused, type NewSession } from "../bridge/login/new-session.ts";
import { signInFailed } from "../bridge/words/sign-in.ts";
import type { Network } from "../bridge/session/session.ts";
import { MsnError } from "../msn/index.ts";
import { isPassport, loginsNamed, pickLogin, plainAddress, splitWord } from "./arguments.ts";
import { confirm } from "./confirm.ts";
import { FinalError, UserError, type BotRequest, type Command, type Question } from "./command.ts";
import { mayHoldSecret, refuseInCompany, removeSecret } from "./secret.ts";

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
  run: (request, args, signal) => proceed(request, args, signal),
};

export const relogin: Command = {
  name: "relogin",
  aliases: ["password"],
  group: "Accounts",
  usage: "[your login]",
  help: "signs you in anew with another password, which is kept from then on; your rooms stay",
  example: "password",
  needs: "login",
  run: async (request, args, signal) => {
    const name = args.trim();
    const mine = request.logins.of(request.sender);
    if (name !== "" && loginsNamed(mine, name).length === 0) return reloginWith(request, name, signal);
    // Those that are logged out can be meant as well.
    const wish = wishOf(pickLogin(request, name, () => true));
    await refuseInCompany(request);
    return askPassword(wish);
  },
};

// What names no login may be the password itself.
async function reloginWith(request: BotRequest, said: string, signal: AbortSignal): Promise<Question | undefined> {
  const redaction = await removeSecret(request);
  signal.throwIfAborted();
  await refuseInCompany(request, "password", redaction);
  const mine = request.logins.of(request.sender);
  const [word, rest] = splitCredentials(said);
  const named = rest === "" ? [] : loginsNamed(mine, word);
  const [one, ...more] = named.length > 0 ? named : mine;
  if (one === undefined || more.length > 0) throw new UserError(`Add the one login that you mean. ${redaction}`);
  return signIn(request, wishOf(one), { password: named.length > 0 ? rest : said, redaction, signal });
}

function wishOf({ network, row }: Login): Wish {
  return { network, passport: row.passport };
}

/**
 * Goes on with what has been said of server, address and password, in this order, and asks for what is missing.
 * @param asked the server, if what was said answers the question for the rest
 */
async function proceed(
  request: BotRequest,
  said: string,
  signal: AbortSignal,
  asked?: Network,
): Promise<Question | undefined> {
  const { networks } = request.logins;
  // People answer with the whole command as well.
  const [network, rest] = readNetwork(networks, said.replace(/^login\s+/iu, ""), asked);
  const [word, password] = splitCredentials(rest);
  const passport = plainAddress(word);
  const isAddress = isPassport(passport);
  // First of all, so that the password is seen for as short a time as can be. What is no address may be one.
  const redaction = password !== "" || (word !== "" && !isAddress) ? await removeSecret(request) : "";
  signal.throwIfAborted();
  await refuseInCompany(request, "password", redaction);
  if (network === undefined) {
    if (word === "") return askNetwork(networks);
    throw new UserError(
      `Name the server first: login <server> <e-mail> <password>. ${serversOf(networks)} ${redaction}`,
    );
  }
  if (word === "") return askPassport(network);
  if (!isAddress) throw new UserError(`That is not an e-mail address. Write it like nils@example.com. ${redaction}`);
  if (password === "") return askPassword({ network, passport });
  return signIn(request, { network, passport }, { password, redaction, signal });
}

// Undefined: there are several, and none is named.
function readNetwork(
  networks: readonly Network[],
  said: string,
  asked: Network | undefined,
): [Network | undefined, rest: string] {
  const [word, rest] = splitWord(said);
  const named = networks.find(({ id }) => id === word.toLowerCase());
  if (named !== undefined) return [named, rest];
  const [only, ...more] = networks;
  return [asked ?? (more.length === 0 ? only : undefined), said];
}

// People write a sign between the two as well. Behind its @ an address has letters, digits, dots and dashes only.
const CREDENTIALS = /^([^\s@]*@[\p{L}\p{N}._-]+["'”’>)\]]*)(?:[^\p{L}\p{N}._\s@-]\s*|\s+)(.*)$/su;

function splitCredentials(text: string): [address: string, password: string] {
  const [, address, password] = CREDENTIALS.exec(text.trimStart()) ?? [];
  return address === undefined || password === undefined ? splitWord(text) : [address, password.trimEnd()];
}

function askNetwork(networks: readonly Network[]): Question {
  return {
    secret: "later",
    yieldsTo: "commands",
    prompt: `Which server is your account on? ${serversOf(networks)} Say cancel to stop.`,
    next: async (request, answer, signal) => {
      const named = networks.find(({ name }) => name.toLowerCase() === answer.toLowerCase());
      if (named !== undefined) return askPassport(named);
      const isServer = readNetwork(networks, answer, undefined)[0] !== undefined;
      if (isServer || mayHoldSecret(answer)) return proceed(request, answer, signal);
      throw new UserError(`There is no such server. ${serversOf(networks)}`);
    },
  };
}

function askPassport(network: Network): Question {
  return {
    secret: "later",
    yieldsTo: "commands",
    prompt: `Which e-mail address is your account on ${network.name}? Write it as it was registered, capital letters included.`,
    next: (request, answer, signal) => proceed(request, answer, signal, network),
  };
}

/** @param refused why it is asked again */
function askPassword(wish: Wish, refused?: string): Question {
  const { passport } = wish;
  return {
    secret: "asked",
    yieldsTo: refused === undefined ? "login" : "plain-commands",
    prompt:
      refused === undefined
        ? `What is the password of ${passport}? I remove your answer where I can. Say cancel to stop.`
        : `${refused} What is the password of ${passport}? Say cancel to stop, or login if the address is wrong.`,
    next: async (request, answer, signal) => {
      const redaction = await removeSecret(request);
      signal.throwIfAborted();
      await refuseInCompany(request, "password", redaction);
      // The address once more, before the password.
      const [word, rest] = splitCredentials(answer);
      const isRepeated = rest !== "" && plainAddress(word).toLowerCase() === passport.toLowerCase();
      return signIn(request, wish, { password: isRepeated ? rest : answer, redaction, signal });
    },
  };
}

async function signIn(
  request: CommandRequest,
  wish: Wish,
  { password, redaction, signal }: { password: string; redaction: string; signal: AbortSignal },
): Promise<Question | undefined> {
  const { network } = wish;
  const session = { owner: request.sender, ...wish, password: password.trimEnd() };
  try {
    await request.logins.signIn(session, signal);
  } catch (error) {
    if (error instanceof AccountInUse) return askTakeOver(session, redaction);
    if (error instanceof MsnError && error.code === "bad-credentials")
      return askPassword(wish, `${refusedBy(network.name)} ${redaction}`);
    throw new FinalError(`${explain(error, network)} ${redaction}`, { cause: error });
  }
  await request.say(`${signedInTo(wish)} ${redaction}`);
  return undefined;
}

function signedInTo({ network, passport }: Wish): string {
  return (
    `You are signed in to ${network.name} as ${passport}. Messages from your contacts open rooms by themselves; ` +
    "say start-chat <e-mail> to write first."
  );
}

function askTakeOver(session: NewSession, redaction: string): Question {
  const { network, passport } = session;
  const prompt =
    `${passport} is already in use on this bridge, by another user. You can take it over: the other user is logged out ` +
    `and told that the account was taken over, but not by whom. ${redaction}`;
  return confirm(prompt, async (request, signal) => {
    try {
      await request.logins.signIn({ ...session, takesOver: true }, signal);
    } catch (error) {
      throw new FinalError(explain(error, network), { cause: error });
    }
    await request.say(signedInTo(session));
  });
}

function refusedBy(server: string): string {
  return (
    `${server} refused the e-mail address or the password. The address has to be written as it was registered, ` +
    "capital letters included."
  );
}

function explain(error: unknown, network: Network): string {
  if (error instanceof MsnError) return signInFailed(error, network.name);
  if (error instanceof LoginRefused) return error.message;
  throw error;
}

function serversOf(networks: readonly Network[]): string {
  return `There are: ${networks.map(({ id }) => id).join(", ")}.`;
}
