import {
  chatWith,
  closeChat,
  createGroup,
  inviteToChat,
  nudge,
  retryLast,
  setNickname,
  startChat,
} from "../bridge/actions/chats.ts";
import { loginsNamed } from "../bridge/actions/logins.ts";
import type { Login } from "../bridge/login/login.ts";
import type { Portal } from "../bridge/portal/portal.ts";
import { plainName } from "../convert/to-matrix.ts";
import { accountKey } from "../msn/index.ts";
import { onlyContact, pickLogin, readPassport, splitWord, takeContact, unquoted } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { UserError } from "./errors.ts";
import { sayChat, sayClosed, sayGroupChat, sayNickname, sayNudge, sayRetry } from "./say/chats.ts";

const IN_THE_CHAT = "in a chat, after the prefix: ";

export const CHAT_COMMANDS: readonly BotCommand[] = [
  {
    name: "start-chat",
    aliases: ["pm"],
    group: "Chats",
    usage: "<e-mail> [your login]",
    help: "opens the room with a contact and invites you",
    details:
      "It need not be one of your contacts: most servers let you write to everybody who is online and has not blocked you.",
    example: "start-chat nils@example.com",
    run: async (context, args) => {
      const { contact, login } = onlyContact(context, args, "start-chat");
      return sayChat(await startChat(login, contact, context.signal));
    },
  },
  {
    name: "create-group",
    group: "Chats",
    usage: "<e-mail> <e-mail> … [your login]",
    help: "calls several contacts to one chat and opens its room",
    details:
      "MSN has no groups that last: a group chat is whoever is in it. The same people always get the same room, and who is " +
      "offline cannot be called.",
    example: "create-group nils@example.com olga@example.com",
    run: async (context, args) => {
      const { login, accounts } = readPeople(context, args);
      return sayGroupChat(await createGroup(login, accounts));
    },
  },
  {
    name: "invite",
    group: "Chats",
    usage: "<e-mail>",
    help: "in a chat, after the prefix: calls one more person to it; a chat of two goes on as a group",
    example: "!msn invite olga@example.com",
    run: async (context, args) => {
      const { portal, mine } = context;
      if (portal === undefined) throw new UserError("Say it in the chat to which somebody is to be called.");
      const [word] = splitWord(args);
      if (word === "") throw new UserError("Say invite <e-mail of the person>.");
      const account = accountKey(readPassport(word));
      const login = mine.find(({ row }) => row.id === portal.row.loginId);
      if (login === undefined)
        throw new UserError("The login of this chat is gone. Say list-logins to see which you have.");
      refuseSelf(login, [account]);
      return sayGroupChat(await inviteToChat(login, portal, account));
    },
  },
  {
    name: "nudge",
    group: "Chats",
    help: `${IN_THE_CHAT}sends a nudge; the reaction 🔔 does the same`,
    example: "!msn nudge",
    run: async (context) => sayNudge(await nudge(portalOf(context), context.now)),
  },
  {
    name: "nickname",
    group: "Chats",
    usage: "<e-mail> [name] [your login]",
    help: "calls your room with a contact by a name that only you see; without a name, as the contact calls herself",
    example: "nickname nils@example.com Little brother",
    run: async (context, args) => {
      const { contact, login, rest } = takeContact(context, args, "nickname", hasChat);
      const title = plainName(unquoted(rest));
      return sayNickname(await setNickname(login, contact, title === "" ? null : title));
    },
  },
  {
    name: "retry",
    group: "Chats",
    help: "in a chat with a contact, after the prefix: sends again what was not delivered last",
    details:
      "Where one notice tells of many messages, all of them are sent again. Reacting with 🔁 to a message that was not " +
      "delivered, or to a notice, does the same for that message, or for those that the notice tells of.",
    example: "!msn retry",
    run: async ({ portal }) => {
      if (portal === undefined)
        throw new UserError("Say it in the chat whose message is to be sent again, or react to that message with 🔁.");
      return sayRetry(await retryLast(portal));
    },
  },
  closeCommand(
    "delete-portal",
    "deleted",
    "deletes the room of a chat, or in a chat, after the prefix, that one; it is made anew when somebody writes",
  ),
  closeCommand(
    "unbridge",
    "unbridged",
    "like delete-portal, but you stay in the old room, where you can read what was said",
  ),
];

function closeCommand(name: string, end: "deleted" | "unbridged", help: string): BotCommand {
  return {
    name,
    group: "Chats",
    usage: "[e-mail] [your login]",
    help,
    example: `${name} nils@example.com`,
    run: async (context, args) => sayClosed(await closeChat(portalMeant(context, args, name), end)),
  };
}

function portalOf({ portal }: CommandContext): Portal {
  if (portal === undefined) throw new UserError("Say it in the chat that you mean, after the prefix.");
  return portal;
}

function hasChat(login: Login, contact: string): boolean {
  return chatWith(login, contact) !== undefined;
}

// The chat with a contact who is named, or the one in which it was said.
function portalMeant(context: CommandContext, args: string, command: string): Portal {
  if (args.trim() === "") return portalOf(context);
  const { contact, login } = onlyContact(context, args, command, hasChat);
  const row = chatWith(login, contact);
  if (row === undefined)
    throw new UserError(`You have no chat with ${contact}. Say start-chat ${contact} to begin one.`);
  return login.portals.of(row);
}

function readPeople(context: CommandContext, args: string): { login: Login; accounts: string[] } {
  const words = args.split(/[\s,;]+/u).filter((word) => word !== "");
  const last = words.at(-1) ?? "";
  const isNamed = words.length > 2 && loginsNamed(context.mine, unquoted(last)).length > 0;
  const login = pickLogin(context, isNamed ? last : "");
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
