import type { GhostRoomTable } from "../../store/ghost-rooms.ts";

/**
 * The ghosts whom users may see in a room: read once, and from then on told of each that comes into one. That somebody is in
 * none any more is known to the disk only, so being among these is a reason to look, and not being among them is none.
 */
export class GhostsInRooms {
  readonly #table: Pick<GhostRoomTable, "ghosts">;
  #userIds: Set<string> | undefined;

  constructor(table: Pick<GhostRoomTable, "ghosts">) {
    this.#table = table;
  }

  has(userId: string): boolean {
    return this.#all.has(userId);
  }

  add(userId: string): void {
    this.#all.add(userId);
  }

  get #all(): Set<string> {
    return (this.#userIds ??= new Set(this.#table.ghosts()));
  }
}
