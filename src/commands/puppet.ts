import { logInMatrix, logOutMatrix, pingMatrix } from "../bridge/actions/puppets.ts";
import type { BotCommand, Question } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { sayForgotten, sayPuppet, sayToken } from "./say/puppet.ts";

const WHAT_FOR =
  "With your access token I accept the invitations to your chats with contacts for you, and your client shows them " +
  "among your direct chats. I do nothing else with it.";

export const PUPPET_COMMANDS: readonly BotCommand[] = [
  {
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
    run: async (context, args) => {
      const token = args.trim();
      if (token !== "") return takeToken(context, token);
      await context.refuseInCompany("access token");
      return ASK_TOKEN;
    },
  },
  {
    name: "logout-matrix",
    group: "Accounts",
    help: "makes me forget your Matrix access token",
    example: "logout-matrix",
    needs: "nothing",
    run: async ({ logins, sender }) => sayForgotten(await logOutMatrix(logins.puppets, sender)),
  },
  {
    name: "ping-matrix",
    group: "Accounts",
    help: "tells whether I can accept the invitations to your chats for you",
    example: "ping-matrix",
    needs: "nothing",
    run: async ({ logins, sender }) => sayPuppet(await pingMatrix(logins.puppets, sender)),
  },
];

const ASK_TOKEN: Question = {
  secret: "asked",
  prompt:
    `${WHAT_FOR} Element shows it under Settings, Help & About. What is it? I remove your answer where I can. ` +
    "Say cancel to stop.",
  next: async (context, answer) => takeToken(context, answer.trim()),
};

async function takeToken(context: CommandContext, token: string): Promise<string> {
  // First of all, so that it is seen for as short a time as can be.
  const redaction = await context.takeSecret("access token");
  const { logins, sender, signal } = context;
  return `${sayToken(await logInMatrix(logins.puppets, sender, token, signal))} ${redaction}`;
}
