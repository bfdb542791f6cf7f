import type { PuppetState, TokenVerdict } from "../bridge/puppets/puppets.ts";
import { MatrixError } from "../matrix/client/errors.ts";
import { FinalError, UserError, type BotRequest, type Command, type Question } from "./command.ts";
import { refuseInCompany, removeSecret } from "./secret.ts";

const WHAT_FOR =
  "With your access token I accept the invitations to your chats with contacts for you, and your client shows them " +
  "among your direct chats. I do nothing else with it.";

export const loginMatrix: Command = {
  name: "login-matrix",
  group: "Accounts",
  usage: "[access token]",
  help: "lets me accept the invitations to your chats for you, with your Matrix access token",
  details:
    `${WHAT_FOR} Element shows the token under Settings, Help & About. Whoever has it can do everything that you can ` +
    "do on Matrix, so I remove your message where I can and keep it sealed. Signing out of the session that it belongs " +
    "to ends it: best use a session that is for this alone. Say logout-matrix to make me forget it.",
  example: "login-matrix",
  needs: "nothing",
  run: async (request, args, signal) => {
    const token = args.trim();
    // First of all, so that it is seen for as short a time as can be.
    const redaction = token === "" ? "" : await removeSecret(request, "access token");
    signal.throwIfAborted();
    await refuseInCompany(request, "access token", redaction);
    return token === "" ? askToken() : logIn(request, { token, redaction, signal });
  },
};

export const logoutMatrix: Command = {
  name: "logout-matrix",
  group: "Accounts",
  usage: "",
  help: "makes me forget your Matrix access token",
  example: "logout-matrix",
  needs: "nothing",
  run: async (request) => {
    const { puppets } = request.logins;
    if (!puppets.logOut(request.sender)) throw new UserError("I have no access token of yours.");
    const state = await puppets.check(request.sender).catch(withoutHomeserver);
    const after =
      state?.type === "works"
        ? "I go on accepting your invitations, because whoever runs this bridge has set it up so."
        : "From now on you accept the invitations to your chats yourself.";
    await request.say(`I have forgotten your access token; it stays valid until you sign out of its session. ${after}`);
    return undefined;
  },
};

export const pingMatrix: Command = {
  name: "ping-matrix",
  group: "Accounts",
  usage: "",
  help: "tells whether I can accept the invitations to your chats for you",
  example: "ping-matrix",
  needs: "nothing",
  run: async (request) => {
    const state = await request.logins.puppets.check(request.sender).catch(withoutHomeserver);
    if (state === undefined)
      throw new UserError("The homeserver does not answer right now. Try again in a few minutes.");
    await request.say(describe(state));
    return undefined;
  },
};

function askToken(): Question {
  return {
    secret: "asked",
    prompt:
      `${WHAT_FOR} Element shows it under Settings, Help & About. What is it? I remove your answer where I can. ` +
      "Say cancel to stop.",
    next: async (request, token, signal) => {
      const redaction = await removeSecret(request, "access token");
      signal.throwIfAborted();
      await refuseInCompany(request, "access token", redaction);
      return logIn(request, { token: token.trim(), redaction, signal });
    },
  };
}

async function logIn(
  request: BotRequest,
  { token, redaction, signal }: { token: string; redaction: string; signal: AbortSignal },
): Promise<undefined> {
  // What else it may be does not fit into a request's head, and is not repeated.
  if (!/^[!-~]+$/u.test(token)) throw new FinalError(`That is not an access token. ${redaction}`);
  const verdict = await request.logins.puppets.logIn(request.sender, token, signal).catch(withoutHomeserver);
  const answer = sentenceFor(verdict);
  if (verdict?.type !== "works") throw new FinalError(`${answer} ${redaction}`);
  await request.say(`${answer} ${redaction}`);
}

function sentenceFor(verdict: TokenVerdict | undefined): string {
  switch (verdict?.type) {
    case undefined:
      return "The homeserver does not answer right now. Try again in a few minutes.";
    case "works":
      return "Your access token works: from now on I accept the invitations to your chats for you.";
    case "refused":
      return "The homeserver does not take that access token. Copy it once more, the whole of it.";
    case "somebody-else":
      return `That is the access token of ${verdict.userId}, not yours.`;
    case "elsewhere":
      return ELSEWHERE;
  }
}

function describe(state: PuppetState): string {
  switch (state.type) {
    case "elsewhere":
      return ELSEWHERE;
    case "none":
      return "I cannot accept invitations for you. Say login-matrix to let me.";
    case "lost":
      return "The homeserver does not let me act for you any more. Say login-matrix to give me an access token.";
    case "works":
      return state.by === "own-token"
        ? "Your access token works: I accept the invitations to your chats for you."
        : "I accept the invitations to your chats for you, because whoever runs this bridge has set it up so.";
  }
}

const ELSEWHERE =
  "I can accept invitations only for people of the homeserver that I belong to, and you are of another.";

function withoutHomeserver(error: unknown): undefined {
  if (error instanceof MatrixError) return undefined;
  throw error;
}
