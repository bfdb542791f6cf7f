import type { Login } from "../bridge/login/login.ts";
import type { Portal } from "../bridge/portal/portal.ts";
import { notNudged } from "../bridge/words/groups.ts";
import { plainName } from "../convert/to-matrix.ts";
import { accountKey } from "../msn/index.ts";
import type { PortalRow } from "../store/portals.ts";
import { onlyContact, takeContact, unquoted } from "./arguments.ts";
import { UserError, type BotRequest, type Command } from "./command.ts";

const IN_THE_CHAT = "in a chat, after the prefix: ";

export const nudge: Command = {
  name: "nudge",
  group: "Chats",
  usage: "",
  help: `${IN_THE_CHAT}sends a nudge; the reaction 🔔 does the same`,
  example: "!msn nudge",
  needs: "login",
  run: async (request) => {
    const portal = portalOf(request);
    const delivery = await portal.say({ type: "nudge" }, request.now);
    if (delivery.state !== "delivered") throw new UserError(notNudged(delivery.error, portal.members.name()));
    await request.say("Nudged.");
    return undefined;
  },
};

export const nickname: Command = {
  name: "nickname",
  group: "Chats",
  usage: "<e-mail> [name] [your login]",
  help: "calls your room with a contact by a name that only you see; without a name, as the contact calls herself",
  example: "nickname nils@example.com Little brother",
  needs: "login",
  run: async (request, args) => {
    const { contact, login, rest } = takeContact(request, args, "nickname", hasChat);
    const title = plainName(unquoted(rest));
    await login.portals.direct(contact.toLowerCase()).room.state.rename(title === "" ? null : title);
    await request.say(
      title === "" ? `${contact} goes by her own name.` : `Your room with ${contact} is called ${title}.`,
    );
    return undefined;
  },
};

export const deletePortal: Command = {
  name: "delete-portal",
  group: "Chats",
  usage: "[e-mail] [your login]",
  help: "deletes the room of a chat, or in a chat, after the prefix, that one; it is made anew when somebody writes",
  example: "delete-portal nils@example.com",
  needs: "login",
  run: (request, args) => close(request, args, "deleted"),
};

export const unbridge: Command = {
  name: "unbridge",
  group: "Chats",
  usage: "[e-mail] [your login]",
  help: "like delete-portal, but you stay in the old room, where you can read what was said",
  example: "unbridge nils@example.com",
  needs: "login",
  run: (request, args) => close(request, args, "unbridged"),
};

async function close(request: BotRequest, args: string, end: "deleted" | "unbridged"): Promise<undefined> {
  const isDeleted = end === "deleted";
  const portal =
    args.trim() === "" ? portalOf(request) : portalWith(request, args, isDeleted ? "delete-portal" : "unbridge");
  if (portal.roomId === null) throw new UserError("That chat has no room. Say start-chat to open one.");
  const name = portal.members.name();
  const isDone = await portal.room.close(end);
  const rest = isDone ? "" : " The homeserver did not let everybody leave the old room.";
  await request.say(
    `The room of your chat with ${name} is ${isDeleted ? "deleted" : "not bridged any more"}. The next message, or ` +
      `start-chat, opens a new one.${rest}`,
  );
  return undefined;
}

function portalOf({ portal }: BotRequest): Portal {
  if (portal === undefined) throw new UserError("Say it in the chat that you mean, after the prefix.");
  return portal;
}

function chatWith(login: Login, contact: string): PortalRow | undefined {
  return login.portals.list().find(({ kind, remote }) => kind === "direct" && remote === accountKey(contact));
}

function hasChat(login: Login, contact: string): boolean {
  return chatWith(login, contact) !== undefined;
}

function portalWith(request: BotRequest, args: string, command: string): Portal {
  const { contact, login } = onlyContact(request, args, command, hasChat);
  const row = chatWith(login, contact);
  if (row === undefined)
    throw new UserError(`You have no chat with ${contact}. Say start-chat ${contact} to begin one.`);
  return login.portals.of(row);
}
