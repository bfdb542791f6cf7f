import { accountKey, type Roster } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { SpaceChildRow, SpaceRow } from "../../store/spaces.ts";
import { plainName } from "../../convert/to-matrix.ts";

/** A space as it should be. */
export interface SpacePlan {
  /** The id of the group of contacts; empty for the space of the account. */
  readonly group: string;
  readonly name: string;
  /** Its place in the space of the account. */
  readonly place: string;
  /** The rooms of the chats in it. */
  readonly rooms: readonly string[];
}

/** The space of an account: all its chats, those with strangers once the owner has gone there. */
export function planAccount(name: string, portals: readonly PortalRow[]): SpacePlan {
  const own = portals.filter(({ standing }) => standing !== "stranger");
  return { group: "", name, place: "", rooms: own.flatMap(({ roomId }) => roomId ?? []) };
}

/** A space for each group of contacts, in the order of the groups: the chats with those in it. */
export function planGroups(
  { contacts, groups }: Pick<Roster, "contacts" | "groups">,
  portals: readonly PortalRow[],
): SpacePlan[] {
  const rooms = new Map<string, string[]>([...groups.keys()].map((id) => [id, []]));
  for (const { kind, roomId, remote } of portals) {
    if (kind !== "direct" || roomId === null) continue;
    for (const id of contacts.get(accountKey(remote))?.groups ?? []) rooms.get(id)?.push(roomId);
  }
  return [...groups].map(([id, name], index) => ({
    group: id,
    name: plainName(name) || `Group ${id}`,
    // Compared as text (Matrix spec, "Ordering of children within a space").
    place: String(index + 1).padStart(4, "0"),
    rooms: rooms.get(id) ?? [],
  }));
}

/** The spaces of groups as they are, without the rooms that are gone: all that can be said while there is no session. */
export function keepGroups(
  spaces: readonly SpaceRow[],
  childrenOf: (space: string) => readonly SpaceChildRow[],
  portals: readonly PortalRow[],
): SpacePlan[] {
  const alive = new Set(planAccount("", portals).rooms);
  const account = spaces.find(({ group }) => group === "")?.roomId;
  const places = new Map(account ? childrenOf(account).map(({ roomId, place }) => [roomId, place]) : []);
  return spaces.flatMap(({ group, roomId, name }) => {
    if (group === "" || roomId === null || name === null) return [];
    const rooms = childrenOf(roomId).flatMap((child) => (alive.has(child.roomId) ? [child.roomId] : []));
    return [{ group, name, place: places.get(roomId) ?? "", rooms }];
  });
}
