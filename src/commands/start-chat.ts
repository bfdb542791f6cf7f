import { ENCRYPTED_BY_FORCE } from "../bridge/words/encryption.ts";
import { addressOf } from "../convert/text/links.ts";
import { accountKey } from "../msn/index.ts";
import { onlyContact } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";

export const startChat: Command = {
  name: "start-chat",
  aliases: ["pm"],
  group: "Chats",
  usage: "<e-mail> [your login]",
  help: "opens the room with a contact and invites you",
  details:
    "It need not be one of your contacts: most servers let you write to everybody who is online and has not blocked you.",
  example: "start-chat nils@example.com",
  needs: "login",
  run: async (request, args, signal) => {
    const { contact: spelling, login } = onlyContact(request, args, "start-chat");
    const contact = accountKey(spelling);
    if (login.session.state.type === "logged-out")
      throw new UserError(`${login.row.passport} is logged out, so the chat would lead nowhere. Say login first.`);
    signal.throwIfAborted();
    const { roomId, isNew, isEncrypted } = await login.portals.direct(contact).room.ensure();
    const link = addressOf(roomId);
    if (isEncrypted) throw new UserError(`I made a room for ${contact}, but it is of no use. ${ENCRYPTED_BY_FORCE}`);
    const { roster } = login.session;
    const isStranger = roster !== undefined && roster.contacts.get(contact)?.lists.has("FL") !== true;
    const warning = isStranger
      ? ` ${contact} is not one of your contacts, so you do not see whether she is online; say add ${contact} to change that.`
      : "";
    await request.say(
      isNew
        ? `I invited you to your chat with ${contact}: ${link}${warning}`
        : `You already have a chat with ${contact}: ${link}`,
    );
    return undefined;
  },
};
