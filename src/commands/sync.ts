import { syncLogin } from "../bridge/actions/sync.ts";
import { takeLogin } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import { saySync } from "./say/sync.ts";

export const syncCommand: BotCommand = {
  name: "sync",
  group: "Contacts",
  usage: "[your login]",
  help: "compares what Matrix shows of your contacts with MSN, and mends what differs",
  details:
    "Names that are not up to date are set anew, and rooms that you or the contact have left are given up. Spaces that you have left are made again.",
  example: "sync",
  run: async (context, args) => {
    const { login } = takeLogin(context, args, 0);
    return saySync(await syncLogin(context.logins, login, context.signal));
  },
};
