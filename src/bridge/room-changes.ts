import { z } from "zod";
import type { UserIntent } from "../matrix/intent.ts";
import type { Portals } from "../store/portals.ts";
import type { GhostIds } from "./ids.ts";
import type { Logins } from "./logins.ts";
import type { Management } from "./management.ts";

export interface RoomChangesOptions {
  readonly portals: Portals;
  readonly logins: Logins;
  readonly management: Management;
  readonly ids: GhostIds;
  readonly bot: UserIntent;
  readonly intent: (userId: string) => UserIntent;
}

/** A state event, as far as it says who is in a room or where it went. */
export interface RoomChange {
  readonly roomId: string;
  readonly sender: string;
  readonly type: string;
  readonly stateKey: string;
  readonly content: unknown;
}

const member = z.object({ membership: z.string() });
const tombstone = z.object({ replacement_room: z.string() });

const NOT_YOUR_ROOM =
  "Contacts of MSN join only the rooms that this bridge makes. Use start-chat in your chat with the bot.";

/** What follows from people and rooms coming and going. */
export class RoomChanges {
  readonly #options: RoomChangesOptions;

  constructor(options: RoomChangesOptions) {
    this.#options = options;
  }

  /**
   * Takes note of a change at once, so that nothing later goes to a room that nobody reads.
   * @returns what is left to be done with the homeserver, if anything
   */
  take(change: RoomChange): (() => Promise<void>) | undefined {
    const membership = member.safeParse(change.content).data?.membership;
    if (change.type === "m.room.tombstone") return this.#moved(change);
    if (change.type !== "m.room.member") return undefined;
    if (membership === "invite") return this.#invited(change);
    if (membership === "leave" || membership === "ban") return this.#gone(change);
    if (membership === "join") return this.#came(change);
    return undefined;
  }

  #invited({ stateKey, roomId, sender }: RoomChange): (() => Promise<void>) | undefined {
    const { bot, ids, intent, management } = this.#options;
    if (stateKey === bot.userId) return () => management.invited(roomId, sender);
    if (!ids.isGhost(stateKey)) return undefined;
    return async () => {
      if (!(await this.#replacesPortal(roomId, stateKey))) await intent(stateKey).leave(roomId, NOT_YOUR_ROOM);
    };
  }

  // After an upgrade people are invited to the room that replaces the old one; the portal goes there by itself.
  async #replacesPortal(roomId: string, ghost: string): Promise<boolean> {
    const { portals, ids, intent } = this.#options;
    const remote = ids.parse(ghost)?.passport;
    for (const row of portals.list()) {
      if (row.roomId === null || row.remote !== remote) continue;
      const moved = tombstone.safeParse(await intent(ghost).state(row.roomId, "m.room.tombstone"));
      if (moved.data?.replacement_room === roomId) return true;
    }
    return false;
  }

  // Others would read passwords.
  #came({ stateKey, roomId }: RoomChange): (() => Promise<void>) | undefined {
    const { management, bot } = this.#options;
    const owner = management.ownerOf(roomId);
    const isOther = owner !== undefined && stateKey !== owner && stateKey !== bot.userId;
    return isOther ? () => management.crowded(roomId) : undefined;
  }

  #gone({ stateKey, roomId }: RoomChange): (() => Promise<void>) | undefined {
    const { portals, logins, management, ids, bot } = this.#options;
    const row = portals.findByRoom(roomId);
    const login = row && logins.ofPortal(row);
    if (row !== undefined && login !== undefined) {
      const isParty = stateKey === login.row.owner || stateKey === ids.userId(login.row.server, row.remote);
      if (isParty) login.portalOf(row).lose(roomId);
      return undefined;
    }
    const owner = management.ownerOf(roomId);
    if (owner === undefined || (stateKey !== owner && stateKey !== bot.userId)) return undefined;
    return () => management.lost(roomId);
  }

  #moved({ roomId, content }: RoomChange): (() => Promise<void>) | undefined {
    const { portals, logins, management } = this.#options;
    const to = tombstone.safeParse(content).data?.replacement_room;
    const row = portals.findByRoom(roomId);
    const login = row && logins.ofPortal(row);
    if (row !== undefined && login !== undefined) {
      const portal = login.portalOf(row);
      if (to === undefined) {
        portal.lose(roomId);
        return undefined;
      }
      const following = portal.follow(roomId, to);
      // It is awaited once it is its turn, which may be after it has failed.
      following.catch(() => undefined);
      return () => following;
    }
    const owner = management.ownerOf(roomId);
    return to === undefined || owner === undefined ? undefined : () => management.follow(roomId, to, owner);
  }
}
