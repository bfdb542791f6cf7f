import { broadcast, disconnect, kickUser, listAllLogins, listUsers, reconnectLogin } from "../bridge/actions/admin.ts";
import { bridgeStats } from "../bridge/actions/stats.ts";
import { splitWord, unquoted } from "./arguments.ts";
import type { BotCommand, Question } from "./command.ts";
import { confirm } from "./confirm.ts";
import { FinalError, UserError } from "./errors.ts";
import { askToBroadcast, sayAllLogins, sayBroadcast, sayKick, sayLogin, sayStats, sayUsers } from "./say/admin.ts";

const USAGE =
  "users | logins | stats | kick <@user:server> | disconnect <login> | reconnect <login> | broadcast <text>";

type Run = BotCommand["run"];

const ACTIONS: ReadonlyMap<string, Run> = new Map<string, Run>([
  ["users", (context) => sayUsers(listUsers(context.scope))],
  ["logins", (context) => sayAllLogins(listAllLogins(context.scope), context.calendar)],
  ["stats", ({ scope }) => sayStats(bridgeStats(scope))],
  [
    "kick",
    async (context, who) => {
      context.commit();
      return sayKick(await kickUser(context.scope, unquoted(who), context.sender));
    },
  ],
  [
    "disconnect",
    async (context, name) => {
      context.commit();
      return sayLogin(await disconnect(context.scope, unquoted(name), context.sender));
    },
  ],
  ["reconnect", (context, name) => sayLogin(reconnectLogin(context.scope, unquoted(name)))],
  ["broadcast", ({ logins }, text) => askBroadcast(logins.signedIn().length, text.trim())],
]);

export const adminCommand: BotCommand = {
  name: "admin",
  group: "Admin",
  usage: USAGE,
  help: "shows who uses the bridge and how it is, ends logins, and tells everybody something",
  details:
    "kick signs a person out and forgets her passwords; her rooms stay. disconnect only ends the session, until " +
    "reconnect or the next start of the bridge. broadcast reaches everybody who is kept signed in; it asks first.",
  example: "admin stats",
  needs: "admin",
  run: async (context, args) => {
    const [word, rest] = splitWord(args);
    const action = ACTIONS.get(word.toLowerCase());
    if (action === undefined) throw new UserError(`Say admin ${USAGE}.`);
    return action(context, rest);
  },
};

function askBroadcast(people: number, text: string): Question {
  if (text === "") throw new UserError("Say admin broadcast <text>.");
  if (people === 0) throw new FinalError("Nobody is signed in, so there is nobody to tell it to.");
  return confirm(askToBroadcast(people, text), ({ scope, sender }) => sayBroadcast(broadcast(scope, text, sender)));
}
