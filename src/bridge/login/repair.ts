import { isRefusal } from "../../matrix/client/errors.ts";
import { accountKey } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { Ghosts } from "../ghosts/ghosts.ts";
import type { Login } from "./login.ts";
import type { Portal } from "../portal/portal.ts";

/** How many of what had to be mended. */
export interface Repairs {
  names: number;
  rooms: number;
  invitations: number;
  /** Chats about which the homeserver could not be asked, or did not take what was to be changed. */
  failed: number;
}

/**
 * Compares what Matrix shows of a login's chats with what MSN and our own disk say, and fixes what differs. Asks the
 * homeserver about every chat, one after the other.
 * @param signal ends it between two chats
 * @throws MatrixError; the signal's reason
 */
export async function repair(login: Login, ghosts: Ghosts, signal: AbortSignal): Promise<Repairs> {
  const repairs = { names: 0, rooms: 0, invitations: 0, failed: 0 };
  const contacts = login.session.roster?.contacts;
  for (const row of login.portals.list()) {
    signal.throwIfAborted();
    try {
      const name = row.kind === "direct" ? contacts?.get(accountKey(row.remote))?.name : undefined;
      await repairRoom(login.portals.of(row), row, repairs);
      if (name !== undefined && (await ghosts.correct(login.row.server, row.remote, name))) repairs.names += 1;
    } catch (error) {
      // While the homeserver is away, the others would fail as well.
      if (!isRefusal(error)) throw error;
      repairs.failed += 1;
    }
  }
  return repairs;
}

async function repairRoom(portal: Portal, { roomId, creating }: PortalRow, repairs: Repairs): Promise<void> {
  if (roomId === null && creating !== null) {
    await portal.room.ensure();
    repairs.invitations += 1;
  } else if (roomId !== null && !(await portal.room.membership.isRead(roomId))) {
    portal.room.lose(roomId);
    repairs.rooms += 1;
  }
}
