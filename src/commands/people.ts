import { loginInfo } from "../bridge/actions/logins.ts";
import { addContact, changePerson, requestsOf, type PersonChangeName } from "../bridge/actions/people.ts";
import { nameReadings, onlyContact, takeContact } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import { sayPerson, sayRequests } from "./say/people.ts";

export const PERSON_COMMANDS: readonly BotCommand[] = [
  {
    name: "add",
    group: "Contacts",
    usage: "<e-mail> [group] [your login]",
    help: "makes somebody your contact, and lets her see you",
    details: "She is told that you have added her. You see whether she is online once she has accepted that.",
    example: "add nils@example.com Friends",
    run: async (context, args) => {
      const { contact, login, rest } = takeContact(context, args, "add");
      return sayPerson(await addContact(login, contact, rest === "" ? undefined : nameReadings(rest)));
    },
  },
  changeCommand(
    "remove",
    "takes somebody off your contacts; she may still see you and write to you",
    "Say block as well if she shall not. Your room with her stays.",
  ),
  changeCommand(
    "block",
    "keeps somebody from seeing whether you are online and from writing to you",
    "You stay offline for her. She is not told, and stays one of your contacts if she is one.",
  ),
  changeCommand("unblock", "lets somebody see you and write to you again"),
  changeCommand(
    "allow",
    "lets somebody see you and write to you without being your contact",
    "This matters to those who have closed their privacy: see privacy.",
  ),
  {
    name: "requests",
    group: "Contacts",
    help: "lists those who have added you and wait for your answer",
    example: "requests",
    run: ({ mine }) => mine.flatMap((login) => sayRequests(loginInfo(login), requestsOf(login))),
  },
  changeCommand(
    "accept",
    "accepts somebody who has added you: she becomes your contact",
    "Somebody whom you declined before can be accepted as well.",
  ),
  changeCommand(
    "decline",
    "declines somebody who has added you: she can neither see you nor write to you",
    "She is not told. Say accept to change your mind.",
  ),
];

/** Does what the command is called with one account. */
function changeCommand(name: PersonChangeName, help: string, details?: string): BotCommand {
  return {
    name,
    group: "Contacts",
    usage: "<e-mail> [your login]",
    help,
    ...(details !== undefined && { details }),
    example: `${name} nils@example.com`,
    run: async (context, args) => {
      const { contact, login } = onlyContact(context, args, name);
      return sayPerson(await changePerson(login, contact, name));
    },
  };
}
