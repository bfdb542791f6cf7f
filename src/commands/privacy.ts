import type { Login } from "../bridge/login/login.ts";
import { takeLogin, unquoted } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";
import { changeLists, rosterOf } from "./list-change.ts";

export const privacy: Command = {
  name: "privacy",
  group: "Contacts",
  usage: "[open | closed | ask on | ask off] [your login]",
  help: "shows or sets who may see you and write to you",
  details:
    "Open: everybody whom you have not blocked. Closed: only those whom you have allowed or added. " +
    "ask on and ask off are a note on the server for other MSN clients: whether they ask you when somebody adds you.",
  example: "privacy closed",
  needs: "login",
  run: async (request, args) => {
    const { login, rest } = takeLogin(request, args, 0);
    const wish = unquoted(rest).toLowerCase().split(/\s+/u).join(" ");
    const set = WISHES.get(wish);
    if (wish !== "" && set === undefined) throw new UserError("Say privacy open, closed, ask on or ask off.");
    if (set !== undefined) await set(login);
    await request.say(describe(login));
    return undefined;
  },
};

const WISHES: ReadonlyMap<string, (login: Login) => Promise<void>> = new Map([
  ["open", (login) => changeLists(login, "", (lists) => lists.setPrivacy("AL"))],
  ["closed", (login) => changeLists(login, "", (lists) => lists.setPrivacy("BL"))],
  ["ask on", (login) => changeLists(login, "", (lists) => lists.setAsksOnAdd(true))],
  ["ask off", (login) => changeLists(login, "", (lists) => lists.setAsksOnAdd(false))],
]);

function describe(login: Login): string {
  const roster = rosterOf(login);
  const who =
    roster.privacy === "AL"
      ? "open: everybody whom you have not blocked may see you and write to you"
      : "closed: only those whom you have allowed or added may see you and write to you";
  const asks = roster.asksOnAdd ? "ask you" : "do not ask you";
  return `The privacy of ${login.row.passport} is ${who}. Other MSN clients ${asks} when somebody adds you.`;
}
