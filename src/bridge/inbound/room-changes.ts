import { z } from "zod";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { Store } from "../../store/store.ts";
import { GhostInvites } from "./ghost-invites.ts";
import { saidMeanwhile } from "./missed-events.ts";
import type { GhostIds } from "../../convert/ghost-ids.ts";
import type { Logins } from "../login/logins.ts";
import type { Management } from "../bot/management.ts";
import { PortalChanges, type ChangedPortal } from "./portal-changes.ts";
import type { RoomChange } from "./room-change.ts";

export interface RoomChangesOptions {
  readonly store: Store;
  readonly logins: Logins;
  readonly management: Management;
  readonly ids: GhostIds;
  readonly bot: UserIntent;
  readonly intent: (userId: string) => UserIntent;
  readonly isAllowed: (userId: string) => boolean;
  /** Takes events that the homeserver has not given us by itself; those that are known already do nothing. */
  readonly accept: (events: readonly unknown[]) => void;
}

const member = z.object({ membership: z.string() });
const tombstone = z.object({ replacement_room: z.string() });

// The invitations follow within moments.
const SUCCESSORS_KEPT = 100;

/** What follows from people and rooms coming and going. */
export class RoomChanges {
  readonly #options: RoomChangesOptions;
  readonly #portals: PortalChanges;
  readonly #ghostInvites: GhostInvites;
  /** The rooms that were said to replace those of portals, newest last. */
  readonly #successors = new Set<string>();

  constructor(options: RoomChangesOptions) {
    this.#options = options;
    this.#portals = new PortalChanges(options);
    this.#ghostInvites = new GhostInvites(options);
  }

  /**
   * Takes note of a change at once, so that nothing later goes to a room that nobody reads.
   * @returns what is left to be done with the homeserver, if anything
   */
  take(change: RoomChange): (() => Promise<void>) | undefined {
    const membership = member.safeParse(change.content).data?.membership;
    if (change.type === "m.room.tombstone") return this.#moved(change);
    if (change.type === "m.room.name") return this.#renamed(change);
    if (change.type !== "m.room.member") return undefined;
    if (membership === "invite") return this.#invited(change);
    if (membership === "leave" || membership === "ban") return this.#gone(change);
    if (membership === "join") return this.#came(change);
    return undefined;
  }

  #invited(change: RoomChange): (() => Promise<void>) | undefined {
    const { stateKey, roomId, sender, at } = change;
    const { bot, ids, intent, management } = this.#options;
    if (stateKey === bot.userId) {
      // It goes there by itself, to keep the room of a group.
      return this.#successors.has(roomId) ? undefined : () => this.#manage(change);
    }
    const changed = this.#changedPortal(roomId);
    // The portal took this room before the bridge was stopped, or has moved to it.
    if (changed?.portal.members.mainIntent.userId === stateKey) return () => this.#catchUp(intent(stateKey), change);
    if (changed !== undefined) return this.#portals.invited(changed, change);
    if (!ids.isGhost(stateKey)) {
      const isOther = management.ownerOf(roomId) !== undefined && management.ownerOf(roomId) !== stateKey;
      return isOther && management.callOff(roomId) ? () => management.warn(roomId, at) : undefined;
    }
    return async () => {
      if (await this.#replacesPortal(roomId, stateKey)) return;
      if (await this.#ghostInvites.invited(roomId, sender, stateKey)) await this.#catchUp(intent(stateKey), change);
    };
  }

  async #manage(change: RoomChange): Promise<void> {
    const { management, bot } = this.#options;
    await management.invited(change.roomId, change.sender);
    if (management.ownerOf(change.roomId) === change.sender) await this.#catchUp(bot, change);
  }

  async #catchUp(user: UserIntent, { roomId, sender, at }: RoomChange): Promise<void> {
    this.#options.accept(await saidMeanwhile(user, roomId, { sender, since: at }));
  }

  // After an upgrade people are invited to the room that replaces the old one; the portal goes there by itself.
  async #replacesPortal(roomId: string, ghost: string): Promise<boolean> {
    const { store, ids, intent } = this.#options;
    if (this.#successors.has(roomId)) return true;
    const remote = ids.parse(ghost)?.passport;
    for (const row of store.portals.list()) {
      if (row.roomId === null || row.remote !== remote) continue;
      const moved = tombstone.safeParse(await intent(ghost).state(row.roomId, "m.room.tombstone"));
      if (moved.data?.replacement_room === roomId) return true;
    }
    return false;
  }

  #renamed(change: RoomChange): (() => Promise<void>) | undefined {
    const changed = this.#changedPortal(change.roomId);
    return changed && this.#portals.renamed(changed, change);
  }

  #changedPortal(roomId: string): ChangedPortal | undefined {
    const row: PortalRow | undefined = this.#options.store.portals.findByRoom(roomId);
    const login = row && this.#options.logins.ofPortal(row);
    return row && login && { login, portal: login.portals.of(row) };
  }

  // Others would read passwords.
  #came({ stateKey, roomId }: RoomChange): (() => Promise<void>) | undefined {
    const { management, bot } = this.#options;
    const owner = management.ownerOf(roomId);
    if (owner === stateKey) return management.came(roomId);
    const isOther = owner !== undefined && stateKey !== owner && stateKey !== bot.userId;
    if (!isOther) return undefined;
    management.callOff(roomId);
    return () => management.crowded(roomId);
  }

  #gone(change: RoomChange): (() => Promise<void>) | undefined {
    const { management, bot, logins } = this.#options;
    const { stateKey, roomId } = change;
    const changed = this.#changedPortal(roomId);
    if (changed !== undefined) {
      this.#portals.gone(changed, change);
      return undefined;
    }
    const spaces = logins.ofSpace(roomId)?.spaces;
    if (spaces !== undefined) return spaces.gone(roomId, stateKey);
    const owner = management.ownerOf(roomId);
    if (owner === undefined || (stateKey !== owner && stateKey !== bot.userId)) return undefined;
    return () => management.lost(roomId);
  }

  #moved(change: RoomChange): (() => Promise<void>) | undefined {
    const { management } = this.#options;
    const { roomId, content } = change;
    const to = tombstone.safeParse(content).data?.replacement_room;
    const changed = this.#changedPortal(roomId);
    if (changed !== undefined) {
      if (to !== undefined) this.#expect(to);
      return this.#portals.moved(changed, change);
    }
    const owner = management.ownerOf(roomId);
    return to === undefined || owner === undefined ? undefined : () => management.follow(roomId, to, owner);
  }

  #expect(to: string): void {
    this.#successors.add(to);
    const [oldest] = this.#successors;
    if (oldest !== undefined && this.#successors.size > SUCCESSORS_KEPT) this.#successors.delete(oldest);
  }
}
