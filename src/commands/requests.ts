import type { Login } from "../bridge/login/login.ts";
import { labelOf } from "../convert/names.ts";
import { countOf } from "../util/count.ts";
import { onlyContact } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";
import { changeLists, contactOf } from "./list-change.ts";
import { sayLines } from "./say-lines.ts";

export const accept: Command = {
  name: "accept",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "accepts somebody who has added you: she becomes your contact",
  details: "Somebody whom you declined before can be accepted as well.",
  example: "accept nils@example.com",
  needs: "login",
  run: async (request, args) => {
    const { contact, login } = onlyContact(request, args, "accept");
    const { lists, who } = asking(login, contact);
    if (lists.has("FL")) throw new UserError(`${who} is one of your contacts already.`);
    await changeLists(login, contact, (list) => list.befriend(contact));
    await request.say(`${who} is one of your contacts now.`);
    return undefined;
  },
};

export const decline: Command = {
  name: "decline",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "declines somebody who has added you: she can neither see you nor write to you",
  details: "She is not told. Say accept to change your mind.",
  example: "decline nils@example.com",
  needs: "login",
  run: async (request, args) => {
    const { contact, login } = onlyContact(request, args, "decline");
    const { lists, who } = asking(login, contact);
    if (lists.has("FL")) throw new UserError(`${who} is one of your contacts. Say block or remove.`);
    if (lists.has("BL")) throw new UserError(`${who} is declined already.`);
    await changeLists(login, contact, (list) => list.block(contact));
    await request.say(`${who} is declined.`);
    return undefined;
  },
};

export const requests: Command = {
  name: "requests",
  group: "Contacts",
  usage: "",
  help: "lists those who have added you and wait for your answer",
  example: "requests",
  needs: "login",
  run: async (request) => {
    await sayLines(request, request.logins.of(request.sender).flatMap(waitingFor));
    return undefined;
  },
};

function waitingFor(login: Login): string[] {
  const { session, row, network } = login;
  const waiting = session.lists?.requests.map((account) => labelOf(account, contactOf(login, account)?.name));
  const who = `${row.passport} on ${network.name}`;
  if (waiting === undefined) return [`${who}: not signed in, so nothing is known. Say status.`];
  return [
    `${who}: ${waiting.length === 0 ? "nobody waits" : countOf(waiting.length, "waits for you", "wait for you")}`,
    ...waiting,
  ];
}

function asking(login: Login, account: string): { lists: ReadonlySet<string>; who: string } {
  const contact = contactOf(login, account);
  if (contact === undefined || contact.lists.size === 0) {
    throw new UserError(`${account} has not added you. Say add ${account} to make the first step.`);
  }
  return { lists: contact.lists, who: labelOf(account, contact.name) };
}
