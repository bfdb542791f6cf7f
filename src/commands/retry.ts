import { UserError, type Command } from "./command.ts";

export const retry: Command = {
  name: "retry",
  group: "Chats",
  usage: "",
  help: "in a chat with a contact, after the prefix: sends again what was not delivered last",
  details: "Reacting with 🔁 to a message that was not delivered does the same for that message.",
  example: "!msn retry",
  needs: "login",
  run: async (request) => {
    if (request.portal === undefined) {
      throw new UserError("Say it in the chat whose message is to be sent again, or react to that message with 🔁.");
    }
    if (!(await request.portal.retry())) throw new UserError("There is nothing here that could be sent again.");
    return undefined;
  },
};
