import { LOGOUT_WAYS, type LogoutWay } from "../bridge/base/settings.ts";
import { countOf } from "../util/count.ts";
import { pickLogin } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";

export const logout: Command = {
  name: "logout",
  group: "Accounts",
  usage: "[your login] [keep | leave | delete]",
  help: "signs you out and forgets your password; the last word says what becomes of your rooms",
  details:
    "keep: they stay, and work again after your next login. leave: your contacts leave them, and you get new ones when " +
    "you need them. delete: the same, and the bridge forgets that there were any, with what waits to be shown in them. " +
    "Without a word it is what whoever runs the bridge has chosen.",
  example: "logout keep",
  needs: "login",
  run: async (request, args) => {
    const words = args.trim().split(/\s+/u);
    const named = LOGOUT_WAYS.find((one) => one === words.at(-1)?.toLowerCase());
    const login = pickLogin(request, (named === undefined ? words : words.slice(0, -1)).join(" "));
    const way = named ?? request.logins.cleanupOnLogout;
    request.commit();
    const left = await request.logins.signOut(login, way);
    await request.say(
      `You are signed out of ${login.network.name} as ${login.row.passport}, and your password is forgotten. ` +
        AFTERWARDS[way](left),
    );
    return undefined;
  },
};

const AFTERWARDS: Readonly<Record<LogoutWay, (left: number) => string>> = {
  keep: () => "Your rooms stay; what you write in them is not delivered until you log in again.",
  leave: (left) => `${rooms(left)} left by your contacts; after your next login you get new ones when you need them.`,
  delete: (left) => `${rooms(left)} left by your contacts, and this bridge has forgotten your chats.`,
};

function rooms(count: number): string {
  return countOf(count, "room was", "rooms were");
}

export const reconnect: Command = {
  name: "reconnect",
  group: "Accounts",
  usage: "[your login]",
  help: "signs you in again now, also when the account was taken over somewhere else",
  example: "reconnect",
  needs: "login",
  run: async (request, args) => {
    const login = pickLogin(request, args.trim(), (one) => request.logins.isKept(one));
    if (!request.logins.reconnect(login)) throw new UserError("You have logged out. Say login to sign in again.");
    await request.say(
      `I sign you in to ${login.network.name} as ${login.row.passport}. Say status to see how it went.`,
    );
    return undefined;
  },
};
