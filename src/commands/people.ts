import { labelOf } from "../convert/names.ts";
import type { Login } from "../bridge/login/login.ts";
import { onlyContact, takeContact } from "./arguments.ts";
import { UserError, type BotRequest, type Command } from "./command.ts";
import { findGroup } from "./groups.ts";
import { changeLists, contactOf } from "./list-change.ts";

export const add: Command = {
  name: "add",
  group: "Contacts",
  usage: "<e-mail> [group] [your login]",
  help: "makes somebody your contact, and lets her see you",
  details: "She is told that you have added her. You see whether she is online once she has accepted that.",
  example: "add nils@example.com Friends",
  needs: "login",
  run: async (request, args) => {
    const { contact, login, rest } = takeContact(request, args, "add");
    const group = rest === "" ? undefined : findGroup(login, rest);
    const before = contactOf(login, contact);
    const isThere = before?.lists.has("FL") === true;
    const isInGroup = group === undefined || before?.groups.has(group.id) === true;
    if (isThere && isInGroup) throw new UserError(`${label(login, contact)} is one of your contacts already.`);
    await changeLists(login, contact, (lists) => lists.befriend(contact, group?.id));
    const where = group === undefined ? "" : ` in the group ${group.name}`;
    const waits = contactOf(login, contact)?.lists.has("RL") === true ? "" : " She has not added you so far.";
    await request.say(`${label(login, contact)} is one of your contacts now${where}.${isThere ? "" : waits}`);
    return undefined;
  },
};

export const remove: Command = {
  name: "remove",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "takes somebody off your contacts; she may still see you and write to you",
  details: "Say block as well if she shall not. Your room with her stays.",
  example: "remove nils@example.com",
  needs: "login",
  run: async (request, args) => {
    const { contact, login } = onlyContact(request, args, "remove");
    const who = label(login, contact);
    if (contactOf(login, contact)?.lists.has("FL") !== true) throw new UserError(`${who} is not one of your contacts.`);
    await changeLists(login, contact, (lists) => lists.remove("FL", contact));
    await request.say(
      `${who} is not one of your contacts any more, but may still write to you. Say block to stop that.`,
    );
    return undefined;
  },
};

export const block: Command = {
  name: "block",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "keeps somebody from seeing whether you are online and from writing to you",
  details: "You stay offline for her. She is not told, and stays one of your contacts if she is one.",
  example: "block nils@example.com",
  needs: "login",
  run: async (request, args) => {
    const { contact, login } = onlyContact(request, args, "block");
    const who = label(login, contact);
    if (contactOf(login, contact)?.lists.has("BL") === true) throw new UserError(`${who} is blocked already.`);
    await changeLists(login, contact, (lists) => lists.block(contact));
    await request.say(`${who} is blocked, and can neither see you nor write to you. Say unblock to change that.`);
    return undefined;
  },
};

export const unblock: Command = {
  name: "unblock",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "lets somebody see you and write to you again",
  example: "unblock nils@example.com",
  needs: "login",
  run: async (request, args) => {
    const { contact, login } = onlyContact(request, args, "unblock");
    const who = label(login, contact);
    if (contactOf(login, contact)?.lists.has("BL") !== true) throw new UserError(`${who} is not blocked.`);
    await allowOn(request, login, contact);
    return undefined;
  },
};

export const allow: Command = {
  name: "allow",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "lets somebody see you and write to you without being your contact",
  details: "This matters to those who have closed their privacy: see privacy.",
  example: "allow nils@example.com",
  needs: "login",
  run: async (request, args) => {
    const { contact, login } = onlyContact(request, args, "allow");
    const who = label(login, contact);
    if (contactOf(login, contact)?.lists.has("AL") === true) throw new UserError(`${who} is allowed already.`);
    await allowOn(request, login, contact);
    return undefined;
  },
};

async function allowOn(request: BotRequest, login: Login, contact: string): Promise<void> {
  await changeLists(login, contact, (lists) => lists.unblock(contact));
  await request.say(`${label(login, contact)} may see you and write to you.`);
}

function label(login: Login, contact: string): string {
  return labelOf(contact, contactOf(login, contact)?.name);
}
