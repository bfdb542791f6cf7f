import { loginsNamed } from "../bridge/actions/logins.ts";
import { signIn, type SignInOutcome } from "../bridge/actions/sign-in.ts";
import type { Login } from "../bridge/login/login.ts";
import type { NewSession } from "../bridge/login/new-session.ts";
import type { Network } from "../bridge/session/session.ts";
import { isAddress, pickLogin, plainAddress, splitWord } from "./arguments.ts";
import type { BotCommand, Question, Reply } from "./command.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext } from "./context.ts";
import { UserError } from "./errors.ts";
import { passwordRefused, saySignIn } from "./say/logins.ts";
import { mayHoldSecret } from "./secret.ts";

/** Which account is to be signed in where. */
interface Wish {
  readonly network: Network;
  readonly passport: string;
}

export const SIGN_IN_COMMANDS: readonly BotCommand[] = [
  {
    name: "login",
    group: "Accounts",
    usage: "[server] [e-mail] [password]",
    help: "signs you in with an MSN account; I ask for what you leave out, and remove your password where I can",
    details: "You may have several accounts, on the same server and on others.",
    example: "login nils@example.com",
    needs: "nothing",
    run: async (context, args) => proceed(context, args),
  },
  {
    name: "relogin",
    aliases: ["password"],
    group: "Accounts",
    usage: "[your login]",
    help: "signs you in anew with another password, which is kept from then on; your rooms stay",
    example: "password",
    run: async (context, args) => {
      const name = args.trim();
      if (name !== "" && loginsNamed(context.mine, name).length === 0) return reloginWith(context, name);
      // Those that are logged out can be meant as well.
      const wish = wishOf(pickLogin(context, name, () => true));
      await context.refuseInCompany("password");
      return askPassword(wish);
    },
  },
];

// What names no login may be the password itself.
async function reloginWith(context: CommandContext, said: string): Promise<Reply> {
  const redaction = await context.takeSecret("password");
  const { mine } = context;
  const [word, rest] = splitCredentials(said);
  const named = rest === "" ? [] : loginsNamed(mine, word);
  const [one, ...more] = named.length > 0 ? named : mine;
  if (one === undefined || more.length > 0) throw new UserError(`Add the one login that you mean. ${redaction}`);
  return trySignIn(context, wishOf(one), named.length > 0 ? rest : said, redaction);
}

function wishOf({ network, row }: Login): Wish {
  return { network, passport: row.passport };
}

/**
 * Goes on with what has been said of server, address and password, in this order, and asks for what is missing.
 * @param asked the server, if what was said answers the question for the rest
 */
async function proceed(context: CommandContext, said: string, asked?: Network): Promise<Reply> {
  const { networks } = context.logins;
  // People answer with the whole command as well.
  const [network, rest] = readNetwork(networks, said.replace(/^login\s+/iu, ""), asked);
  const [word, password] = splitCredentials(rest);
  const passport = plainAddress(word);
  const isPassport = isAddress(passport);
  // First of all, so that the password is seen for as short a time as can be. What is no address may be one.
  const isSecret = password !== "" || (word !== "" && !isPassport);
  const redaction = isSecret ? await context.takeSecret("password") : "";
  if (!isSecret) await context.refuseInCompany("password");
  if (network === undefined) {
    if (word === "") return askNetwork(networks);
    throw new UserError(
      `Name the server first: login <server> <e-mail> <password>. ${serversOf(networks)} ${redaction}`,
    );
  }
  if (word === "") return askPassport(network);
  if (!isPassport) throw new UserError(`That is not an e-mail address. Write it like nils@example.com. ${redaction}`);
  if (password === "") return askPassword({ network, passport });
  return trySignIn(context, { network, passport }, password, redaction);
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
    next: async (context, answer) => {
      const named = networks.find(({ name }) => name.toLowerCase() === answer.toLowerCase());
      if (named !== undefined) return askPassport(named);
      const isServer = readNetwork(networks, answer, undefined)[0] !== undefined;
      if (isServer || mayHoldSecret(answer)) return proceed(context, answer);
      throw new UserError(`There is no such server. ${serversOf(networks)}`);
    },
  };
}

function askPassport(network: Network): Question {
  return {
    secret: "later",
    yieldsTo: "commands",
    prompt: `Which e-mail address is your account on ${network.name}? Write it as it was registered, capital letters included.`,
    next: async (context, answer) => proceed(context, answer, network),
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
    next: async (context, answer) => {
      const redaction = await context.takeSecret("password");
      // The address once more, before the password.
      const [word, rest] = splitCredentials(answer);
      const isRepeated = rest !== "" && plainAddress(word).toLowerCase() === passport.toLowerCase();
      return trySignIn(context, wish, isRepeated ? rest : answer, redaction);
    },
  };
}

async function trySignIn(context: CommandContext, wish: Wish, password: string, redaction: string): Promise<Reply> {
  const session = { owner: context.sender, ...wish, password: password.trimEnd() };
  const outcome = await signIn(context.logins, session, context.signal);
  if (outcome.type === "sign-in-refused" && outcome.error.code === "bad-credentials")
    return askPassword(wish, `${passwordRefused(wish.network.name)} ${redaction}`);
  const answer = `${sayOutcome(outcome, wish)} ${redaction}`;
  return outcome.type === "account-in-use" ? askTakeOver(session, answer) : answer;
}

function askTakeOver(session: NewSession, prompt: string): Question {
  return confirm(prompt, async ({ logins, signal }) =>
    sayOutcome(await signIn(logins, { ...session, takesOver: true }, signal), session),
  );
}

function sayOutcome(outcome: SignInOutcome, { passport, network }: Wish): string {
  return saySignIn(outcome, passport, network.name);
}

function serversOf(networks: readonly Network[]): string {
  return `There are: ${networks.map(({ id }) => id).join(", ")}.`;
}
