import { decide, waitingStrangers, type Decision } from "../bridge/actions/strangers.ts";
import { readPassport, splitWord, takeLogin } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import { UserError } from "./errors.ts";
import { sayStrangers, sayWaiting } from "./say/strangers.ts";

const USAGE = "open <e-mail or all> | ignore <e-mail or all>";
const DECISIONS: ReadonlyMap<string, Decision> = new Map([
  ["open", "open"],
  ["ignore", "ignore"],
]);

export const strangersCommand: BotCommand = {
  name: "strangers",
  group: "Contacts",
  usage: `[${USAGE}] [your login]`,
  help: "lists those you don't know who have written and wait, and opens rooms for them or ignores them",
  details:
    "open makes the room and shows what was said. ignore forgets that, and shows nothing of what she says later; start-chat " +
    "changes your mind. Whoever is one of your contacts, or has a room, does not wait.",
  example: "strangers open eve@example.com",
  run: (context, args) => {
    const [word, rest] = splitWord(args);
    const decision = DECISIONS.get(word.toLowerCase());
    if (decision === undefined && word !== "" && !word.includes("@")) throw new UserError(`Say strangers ${USAGE}.`);
    if (decision === undefined) {
      const logins = word === "" ? context.mine : [takeLogin(context, args, 0).login];
      return logins.flatMap((login) => sayWaiting(waitingStrangers(login)));
    }
    const [whom, more] = splitWord(rest);
    if (whom === "") throw new UserError(`Say strangers ${decision} <e-mail>, or strangers ${decision} all.`);
    const account = whom.toLowerCase() === "all" ? undefined : readPassport(whom);
    return sayStrangers(decide(takeLogin(context, more, 0).login, decision, account));
  },
};
