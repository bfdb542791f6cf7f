import { repair } from "../bridge/login/repair.ts";
import { countOf } from "../util/count.ts";
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
    const { names, rooms, invitations, failed } = await repair(login, request.logins.ghosts, signal);
    await login.spaces?.sync();
    const refused = (await request.logins.puppets.sync(request.sender))?.refused ?? 0;
    const mended = [
      ...(names > 0 ? [`${countOf(names, "name was", "names were")} set anew`] : []),
      ...(invitations > 0 ? [`${countOf(invitations, "invitation was", "invitations were")} missing`] : []),
      ...(rooms > 0 ? [`${countOf(rooms, "unused room is", "unused rooms are")} replaced with the next message`] : []),
      ...(refused > 0 ? [`the homeserver does not let me bring you into ${countOf(refused, "room")}`] : []),
      ...(failed > 0 ? [`${countOf(failed, "chat")} could not be checked: say sync again later`] : []),
    ];
    const count = [...contacts.values()].filter(({ lists }) => lists.has("FL")).length;
    const result = mended.length === 0 ? "everything was as it should be" : mended.join("; ");
    await request.say(`${countOf(count, "contact")} compared: ${result}.`);
    return undefined;
  },
};
