import { takeLogin, unquoted } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";
import { changeLists } from "./list-change.ts";

// docs/msnp.md 1.4: so long may a name be when it is percent-encoded.
const LONGEST = 387;

export const setName: Command = {
  name: "set-name",
  group: "Accounts",
  usage: "<name> [your login]",
  help: "sets the name under which your contacts see you",
  example: "set-name Mia",
  needs: "login",
  run: async (request, args) => {
    const { login, rest } = takeLogin(request, args, 1);
    const name = unquoted(rest).toWellFormed();
    if (name === "") throw new UserError("Say set-name and the name under which your contacts are to see you.");
    if (encodeURIComponent(name).length > LONGEST)
      throw new UserError("That name is too long for MSN. Take a shorter one.");
    await changeLists(login, `"${name}"`, (lists) => lists.rename(name));
    await request.say(`Your contacts on ${login.network.name} see ${login.row.passport} as "${name}" now.`);
    return undefined;
  },
};
