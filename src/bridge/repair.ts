import { accountKey } from "../msn/index.ts";
import type { Ghosts } from "./ghost.ts";
import type { Login } from "./login.ts";

/** How many of what had to be mended. */
export interface Repairs {
  names: number;
  rooms: number;
  invitations: number;
}

/**
 * Compares what Matrix shows of a login's chats with what MSN and our own disk say, and mends what differs. Asks the
 * homeserver about every chat, one after the other.
 * @param signal ends it between two chats
 * @throws MatrixError; the signal's reason
 */
export async function repair(login: Login, ghosts: Ghosts, signal: AbortSignal): Promise<Repairs> {
  const repairs = { names: 0, rooms: 0, invitations: 0 };
  const contacts = login.session.roster?.contacts;
  for (const row of login.portals.list()) {
    signal.throwIfAborted();
    const portal = login.portals.of(row);
    if (row.roomId === null && row.creating !== null) {
      await portal.open();
      repairs.invitations += 1;
    } else if (row.roomId !== null && !(await portal.isRead(row.roomId))) {
      portal.lose(row.roomId);
      repairs.rooms += 1;
    }
    const name = row.kind === "direct" ? contacts?.get(accountKey(row.remote))?.name : undefined;
    if (name !== undefined && (await ghosts.correct(login.row.server, row.remote, name))) repairs.names += 1;
  }
  return repairs;
}
