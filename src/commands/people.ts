import { loginInfo } from "../bridge/actions/logins.ts";
import { addContact, changePerson, requestsOf, type PersonChangeName } from "../bridge/actions/people.ts";
import { nameReadings, onlyContact, takeContact } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import { sayPerson, sayRequests } from "./say/people.ts";

/** Does what the command is called with one account. */
function runOn(change: PersonChangeName): BotCommand["run"] {
  return async (context, args) => {
    const { contact, login } = onlyContact(context, args, change);
    return sayPerson(await changePerson(login, contact, change));
  };
}

export const addCommand: BotCommand = {
  name: "add",
  group: "Contacts",
  usage: "<e-mail> [group] [your login]",
  help: "makes somebody your contact, and lets her see you",
  details: "She is told that you have added her. You see whether she is online once she has accepted that.",
  example: "add nils@example.com Friends",
  needs: "login",
  run: async (context, args) => {
    const { contact, login, rest } = takeContact(context, args, "add");
    return sayPerson(await addContact(login, contact, rest === "" ? undefined : nameReadings(rest)));
  },
};

export const removeCommand: BotCommand = {
  name: "remove",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "takes somebody off your contacts; she may still see you and write to you",
  details: "Say block as well if she shall not. Your room with her stays.",
  example: "remove nils@example.com",
  needs: "login",
  run: runOn("remove"),
};

export const blockCommand: BotCommand = {
  name: "block",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "keeps somebody from seeing whether you are online and from writing to you",
  details: "You stay offline for her. She is not told, and stays one of your contacts if she is one.",
  example: "block nils@example.com",
  needs: "login",
  run: runOn("block"),
};

export const unblockCommand: BotCommand = {
  name: "unblock",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "lets somebody see you and write to you again",
  example: "unblock nils@example.com",
  needs: "login",
  run: runOn("unblock"),
};

export const allowCommand: BotCommand = {
  name: "allow",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "lets somebody see you and write to you without being your contact",
  details: "This matters to those who have closed their privacy: see privacy.",
  example: "allow nils@example.com",
  needs: "login",
  run: runOn("allow"),
};

export const acceptCommand: BotCommand = {
  name: "accept",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "accepts somebody who has added you: she becomes your contact",
  details: "Somebody whom you declined before can be accepted as well.",
  example: "accept nils@example.com",
  needs: "login",
  run: runOn("accept"),
};

export const declineCommand: BotCommand = {
  name: "decline",
  group: "Contacts",
  usage: "<e-mail> [your login]",
  help: "declines somebody who has added you: she can neither see you nor write to you",
  details: "She is not told. Say accept to change your mind.",
  example: "decline nils@example.com",
  needs: "login",
  run: runOn("decline"),
};

export const requestsCommand: BotCommand = {
  name: "requests",
  group: "Contacts",
  usage: "",
  help: "lists those who have added you and wait for your answer",
  example: "requests",
  needs: "login",
  run: ({ mine }) => mine.flatMap((login) => sayRequests(loginInfo(login), requestsOf(login))),
};
