import { becameGroup, notCalled } from "../bridge/words/groups.ts";
import type { Login } from "../bridge/login/login.ts";
import { plainName } from "../convert/to-matrix.ts";
import { accountKey, MsnError } from "../msn/index.ts";
import { loginsNamed, pickLogin, readPassport, splitWord, unquoted } from "./arguments.ts";
import { UserError, type BotRequest, type Command } from "./command.ts";

export const createGroup: Command = {
  name: "create-group",
  group: "Chats",
  usage: "<e-mail> <e-mail> … [your login]",
  help: "calls several contacts to one chat and opens its room",
  details:
    "MSN has no groups that last: a group chat is whoever is in it. The same people always get the same room, and who is " +
    "offline cannot be called.",
  example: "create-group nils@example.com olga@example.com",
  needs: "login",
  run: async (request, args) => {
    const { login, accounts } = readPeople(request, args);
    const portal = login.portals.groupOf(accounts);
    let missing: readonly string[];
    try {
      missing = await (await login.session.conversation(portal.members.target)).gather();
    } catch (error) {
      if (error instanceof MsnError) throw new UserError(notCalled(error, namesOf(login, accounts)));
      throw error;
    }
    const { roomId } = await portal.room.ensure();
    const absent = missing.length === 0 ? "" : ` Not there: ${namesOf(login, missing)}.`;
    await request.say(`${becameGroup(portal.room.state.info.called, roomId)}${absent}`);
    return undefined;
  },
};

export const invite: Command = {
  name: "invite",
  group: "Chats",
  usage: "<e-mail>",
  help: "in a chat, after the prefix: calls one more person to it; a chat of two goes on as a group",
  example: "!msn invite olga@example.com",
  needs: "login",
  run: async (request, args) => {
    const { portal } = request;
    if (portal === undefined) throw new UserError("Say it in the chat to which somebody is to be called.");
    const [word] = splitWord(args);
    if (word === "") throw new UserError("Say invite <e-mail of the person>.");
    const account = accountKey(readPassport(word));
    const login = loginOf(request);
    refuseSelf(login, [account]);
    try {
      const next = await login.portals.invite(portal, account);
      const { roomId } = await next.room.ensure();
      if (next !== portal) await request.say(becameGroup(next.room.state.info.called, roomId));
    } catch (error) {
      if (error instanceof MsnError) throw new UserError(notCalled(error, login.nameOf(account)));
      throw error;
    }
    return undefined;
  },
};

/** The login whose chat the command was said in. */
function loginOf({ logins, portal, sender }: BotRequest): Login {
  const login = logins.of(sender).find(({ row }) => row.id === portal?.row.loginId);
  if (login === undefined)
    throw new UserError("The login of this chat is gone. Say list-logins to see which you have.");
  return login;
}

function readPeople(request: BotRequest, args: string): { login: Login; accounts: string[] } {
  const words = args.split(/[\s,;]+/u).filter((word) => word !== "");
  const last = words.at(-1) ?? "";
  const isNamed = words.length > 2 && loginsNamed(request.logins.of(request.sender), unquoted(last)).length > 0;
  const login = pickLogin(request, isNamed ? last : "");
  const accounts = [...new Set((isNamed ? words.slice(0, -1) : words).map((word) => accountKey(readPassport(word))))];
  refuseSelf(login, accounts);
  if (accounts.length < 2)
    throw new UserError("A group has at least two others: create-group <e-mail> <e-mail>. For one, say start-chat.");
  return { login, accounts };
}

function refuseSelf(login: Login, accounts: readonly string[]): void {
  if (accounts.includes(accountKey(login.row.passport)))
    throw new UserError("You are in the chat anyway. Name somebody else.");
}

function namesOf(login: Login, accounts: readonly string[]): string {
  return accounts.map((account) => plainName(login.nameOf(account)) || account).join(", ");
}
