import { pickLogin } from "./arguments.ts";
import type { Command } from "./command.ts";

export const logout: Command = {
  name: "logout",
  usage: "[e-mail]",
  help: "signs you out; your rooms stay, and work again when you log in again",
  needs: "login",
  run: async (request, args) => {
    const login = pickLogin(request, args.trim());
    request.logins.signOut(login);
    await request.say(
      `You are signed out of ${login.networkName} as ${login.row.passport}, and your password is forgotten. ` +
        "Your rooms stay; what you write in them is not delivered until you log in again.",
    );
  },
};
