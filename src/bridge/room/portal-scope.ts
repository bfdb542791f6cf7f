import type { PortalRow } from "../../store/portals.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import { GatheredNotices } from "./gathered-notices.ts";
import { membersOf, type Members } from "./members.ts";
import type { MetGroups } from "./met-groups.ts";
import { PortalRoom } from "./portal-room.ts";

/** What the parts of one portal share. Made once for each, by `Portal`. */
export interface PortalScope extends LoginScope {
  readonly portalId: number;
  /** Who is on the other side. */
  readonly members: Members;
  /** The Matrix room, also while there is none. */
  readonly room: PortalRoom;
  /** Tells in the room what was not done. */
  readonly refusals: GatheredNotices;
  /** The portal itself: as long as one of its parts is in use it is not forgotten, or there would be two of it. */
  readonly whole: object;
}

/** @param whole what these are the parts of */
export function portalScope(
  scope: LoginScope,
  { row, groups }: { row: PortalRow; groups: MetGroups },
  whole: object,
): PortalScope {
  const members = membersOf(scope, row, groups);
  const room = new PortalRoom(scope, row.id, members);
  const refusals = new GatheredNotices(scope, { portalId: row.id, room, whole });
  return { ...scope, portalId: row.id, members, room, refusals, whole };
}
