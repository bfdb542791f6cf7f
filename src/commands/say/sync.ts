import type { HomeserverFailure } from "../../bridge/actions/homeserver.ts";
import type { NotSignedIn } from "../../bridge/actions/lists.ts";
import type { Synced } from "../../bridge/actions/sync.ts";
import { countOf } from "../../util/count.ts";
import { sayFailure } from "./failures.ts";

export function saySync(outcome: Synced | NotSignedIn | HomeserverFailure): string {
  if (outcome.type !== "synced") return sayFailure(outcome);
  const { contacts, names, rooms, invitations, failed, refused } = outcome;
  const mended = [
    ...(names > 0 ? [`${countOf(names, "name was", "names were")} set anew`] : []),
    ...(invitations > 0 ? [`${countOf(invitations, "invitation was", "invitations were")} missing`] : []),
    ...(rooms > 0 ? [`${countOf(rooms, "unused room is", "unused rooms are")} replaced with the next message`] : []),
    ...(refused > 0 ? [`the homeserver does not let me bring you into ${countOf(refused, "room")}`] : []),
    ...(failed > 0 ? [`${countOf(failed, "chat")} could not be checked: say sync again later`] : []),
  ];
  const result = mended.length === 0 ? "everything was as it should be" : mended.join("; ");
  return `${countOf(contacts, "contact")} compared: ${result}.`;
}
