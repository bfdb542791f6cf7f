import { accountKey } from "../msn/index.ts";
import { ENCRYPTED_BY_FORCE } from "../bridge/sentences.ts";
import { pickLogin, readPassport, splitWord } from "./arguments.ts";
import { UserError, type Command } from "./command.ts";

export const startChat: Command = {
  name: "start-chat",
  usage: "<e-mail> [your login]",
  help: "opens the room with a contact and invites you",
  needs: "login",
  run: async (request, args) => {
    const [word, rest] = splitWord(args);
    if (word === "") throw new UserError("Say start-chat <e-mail of your contact>.");
    const contact = accountKey(readPassport(word));
    const login = pickLogin(request, rest.trim());
    if (contact === accountKey(login.row.passport)) throw new UserError("That is you. Name one of your contacts.");
    const { roomId, isNew, isEncrypted } = await login.direct(contact).open();
    const link = `https://matrix.to/#/${encodeURIComponent(roomId)}`;
    if (isEncrypted) throw new UserError(`I made a room for ${contact}, but it is of no use. ${ENCRYPTED_BY_FORCE}`);
    await request.say(
      isNew
        ? `I invited you to your chat with ${contact}: ${link}`
        : `You already have a chat with ${contact}: ${link}`,
    );
    return undefined;
  },
};
