import { repair } from "../bridge/repair.ts";
import { takeLogin } from "./arguments.ts";
import type { Command } from "./command.ts";
import { rosterOf } from "./list-change.ts";

export const sync: Command = {
  name: "sync",
  group: "Contacts",
  usage: "[your login]",
  help: "compares what Matrix shows of your contacts with MSN, and mends what differs",
  details:
    "Names that are not up to date are set anew, and rooms that you or the contact have left are given up. Spaces that you have left are made again.",
  example: "sync",
  needs: "login",
  run: async (request, args, signal) => {
    const { login } = takeLogin(request, args, 0);
    const { contacts } = rosterOf(login);
    const { names, rooms, invitations } = await repair(login, request.logins.ghosts, signal);
    await login.spaces?.sync();
    const refused = (await request.logins.puppets.sync(request.sender))?.refused ?? 0;
    const mended = [
      ...(names > 0 ? [`${names} names were set anew`] : []),
      ...(invitations > 0 ? [`${invitations} invitations were missing`] : []),
      ...(rooms > 0 ? [`${rooms} rooms were of no use any more and are replaced with the next message`] : []),
      ...(refused > 0 ? [`the homeserver does not let me bring you into ${refused} rooms`] : []),
    ];
    const count = [...contacts.values()].filter(({ lists }) => lists.has("FL")).length;
    const result = mended.length === 0 ? "everything was as it should be" : mended.join("; ");
    await request.say(`${count} contacts compared: ${result}.`);
    return undefined;
  },
};
