import type { PortalRow } from "../../store/portals.ts";
import type { Store } from "../../store/store.ts";
import type { Login } from "./login.ts";
import type { LogoutWay } from "../base/settings.ts";

/**
 * What becomes of the rooms of a user who has logged out: they stay, the contacts leave them, or they are forgotten
 * as well, together with what waits for them.
 * @returns how many rooms were left
 */
export async function cleanUp(login: Login, store: Store, way: LogoutWay): Promise<number> {
  if (way === "keep") return 0;
  let left = 0;
  const problems: unknown[] = [];
  for (const row of store.portals.listByLogin(login.row.id)) {
    try {
      if (await end(login, row, store, way)) left += 1;
    } catch (error) {
      // One chat must not keep the others.
      problems.push(error);
    }
  }
  await login.spaces?.dissolve().catch((error: unknown) => problems.push(error));
  if (problems.length > 0) throw new AggregateError(problems, "not all chats of a login could be ended");
  return left;
}

/** Ends one chat. @returns whether it had a room */
async function end(login: Login, row: PortalRow, store: Store, way: Exclude<LogoutWay, "keep">): Promise<boolean> {
  const portal = login.portals.of(row);
  // Its room may be being made at this moment.
  if (way === "delete") await portal.stop();
  const { roomId } = portal;
  if (roomId !== null) portal.room.lose(roomId, way === "delete" ? "forgotten" : "logged-out");
  if (way === "delete") {
    store.batch(() => {
      for (const direction of ["to-matrix", "to-msn"] as const) giveUp(store, direction, row.id);
      login.portals.forget(row);
    });
  }
  return roomId !== null;
}

function giveUp({ journal }: Store, direction: "to-matrix" | "to-msn", portalId: number): void {
  for (let row = journal.next(direction, portalId); row !== undefined; row = journal.next(direction, portalId)) {
    journal.settle(row.id, "failed", "the chat was deleted");
  }
}
