import type { Store } from "../store/store.ts";
import type { Login } from "./login.ts";
import type { LogoutWay } from "./settings.ts";

/**
 * What becomes of the rooms of somebody who has logged out: they stay, the contacts leave them, or they are forgotten
 * as well, together with what waits for them.
 * @returns how many rooms were left
 */
export async function cleanUp(login: Login, store: Store, way: LogoutWay): Promise<number> {
  if (way === "keep") return 0;
  let left = 0;
  for (const row of store.portals.listByLogin(login.row.id)) {
    const portal = login.portals.of(row);
    // Its room may be being made at this moment.
    if (way === "delete") await portal.stop();
    const { roomId } = portal;
    if (roomId !== null) {
      portal.lose(roomId);
      left += 1;
    }
    if (way === "leave") continue;
    store.batch(() => {
      for (const direction of ["to-matrix", "to-msn"] as const) giveUp(store, direction, row.id);
      login.portals.forget(row);
    });
  }
  await login.spaces?.dissolve();
  return left;
}

function giveUp({ journal }: Store, direction: "to-matrix" | "to-msn", portalId: number): void {
  for (let id = journal.next(direction, portalId); id !== undefined; id = journal.next(direction, portalId)) {
    journal.settle(id, "failed", "the chat was deleted");
  }
}
