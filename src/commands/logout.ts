import { pickLogin } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";

export const logout: Command = {
  name: "logout",
  usage: "[your login]",
  help: "signs you out; your rooms stay, and work again when you log in again",
  needs: "login",
  run: async (request, args) => {
    const login = pickLogin(request, args.trim());
    await request.logins.signOut(login);
    await request.say(
      `You are signed out of ${login.network.name} as ${login.row.passport}, and your password is forgotten. ` +
        "Your rooms stay; what you write in them is not delivered until you log in again.",
    );
    return undefined;
  },
};

export const reconnect: Command = {
  name: "reconnect",
  usage: "[your login]",
  help: "signs you in again now, also when the account was taken over somewhere else",
  needs: "login",
  run: async (request, args) => {
    const login = pickLogin(request, args.trim());
    if (!request.logins.reconnect(login)) throw new UserError("You have logged out. Say login to sign in again.");
    await request.say(
      `I sign you in to ${login.network.name} as ${login.row.passport}. Say status to see how it went.`,
    );
    return undefined;
  },
};
