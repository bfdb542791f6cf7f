import { contactsOf } from "../bridge/actions/contacts.ts";
import { unquoted } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import { sayContacts } from "./say/contacts.ts";

export const contactsCommand: BotCommand = {
  name: "contacts",
  aliases: ["search"],
  group: "Contacts",
  usage: "[filter]",
  help: "lists your contacts with their states, or those whose name, address, group or state has the filter in it",
  details: "The names of those with whom you have a chat are links to it.",
  example: "contacts online",
  run: ({ mine }, args) => {
    const filter = unquoted(args).toLowerCase();
    return mine.flatMap((login) =>
      sayContacts(`${login.row.passport} on ${login.network.name}`, contactsOf(login), filter),
    );
  },
};
