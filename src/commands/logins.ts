import { loginReport, loginInfo, pingLogin, reconnect, signOut } from "../bridge/actions/logins.ts";
import { LOGOUT_WAYS } from "../bridge/base/settings.ts";
import { pickLogin } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import { sayPing, sayReconnected, sayReport, saySignedOut, sayState } from "./say/logins.ts";

export const logoutCommand: BotCommand = {
  name: "logout",
  group: "Accounts",
  usage: "[your login] [keep | leave | delete]",
  help: "signs you out and forgets your password; the last word says what becomes of your rooms",
  details:
    "keep: they stay, and work again after your next login. leave: your contacts leave them, and you get new ones when " +
    "you need them. delete: the same, and the bridge forgets that there were any, with what waits to be shown in them. " +
    "Without a word it is what whoever runs the bridge has chosen.",
  example: "logout keep",
  run: async (context, args) => {
    const words = args.trim().split(/\s+/u);
    const way = LOGOUT_WAYS.find((one) => one === words.at(-1)?.toLowerCase());
    const login = pickLogin(context, (way === undefined ? words : words.slice(0, -1)).join(" "));
    context.commit();
    return saySignedOut(await signOut(context.logins, login, way));
  },
};

export const reconnectCommand: BotCommand = {
  name: "reconnect",
  group: "Accounts",
  usage: "[your login]",
  help: "signs you in again now, also when the account was taken over somewhere else",
  example: "reconnect",
  run: (context, args) => {
    const { logins } = context;
    const login = pickLogin(context, args.trim(), (one) => logins.isKept(one));
    return sayReconnected(reconnect(logins, login));
  },
};

export const listLoginsCommand: BotCommand = {
  name: "list-logins",
  aliases: ["logins"],
  group: "Accounts",
  help: "lists your MSN accounts here, with what to call each where a command asks for your login",
  example: "list-logins",
  run: ({ mine, calendar }) =>
    mine.map((login) => {
      const info = loginInfo(login);
      return `${info.name}: ${sayState(info, calendar)}.`;
    }),
};

export const statusCommand: BotCommand = {
  name: "status",
  group: "Accounts",
  help: "tells how your logins are, and when that was last seen",
  example: "status",
  run: ({ mine, now, calendar }) => mine.map((login) => sayReport(loginReport(login), now, calendar)),
};

export const pingCommand: BotCommand = {
  name: "ping",
  group: "Accounts",
  help: "asks MSN for a sign of life, and tells how long that took",
  example: "ping",
  run: async ({ mine, calendar }) =>
    (await Promise.all(mine.map(pingLogin))).map((pinged) => sayPing(pinged, calendar)),
};
