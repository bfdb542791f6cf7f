import type { Login } from "../login/login.ts";
import type { Logins } from "../login/logins.ts";
import { repair, type Repairs } from "../login/repair.ts";
import { withHomeserver, type HomeserverFailure } from "./homeserver.ts";
import { notSignedIn, type NotSignedIn } from "./lists.ts";

/** How many contacts were compared, and how many of what had to be put right. */
export interface Synced extends Readonly<Repairs> {
  readonly type: "synced";
  readonly contacts: number;
  /** Rooms into which the homeserver does not let the bridge bring the user. */
  readonly refused: number;
}

/** Compares what Matrix shows of a login with MSN, and puts right what differs. @throws the signal's reason */
export async function syncLogin(
  { ghosts, puppets }: Logins,
  login: Login,
  signal: AbortSignal,
): Promise<Synced | NotSignedIn | HomeserverFailure> {
  const { roster } = login.session;
  if (roster === undefined) return notSignedIn(login);
  return withHomeserver(async () => {
    const repairs = await repair(login, ghosts, signal);
    await login.spaces?.sync();
    const refused = await puppets.sync(login.row.owner);
    const contacts = [...roster.contacts.values()].filter(({ lists }) => lists.has("FL")).length;
    return { type: "synced", ...repairs, contacts, refused };
  });
}
