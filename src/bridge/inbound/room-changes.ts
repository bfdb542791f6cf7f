import type { UserIntent } from "../../matrix/client/intent.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { Store } from "../../store/store.ts";
import { GhostInvites } from "./ghost-invites.ts";
import { saidMeanwhile } from "./missed-events.ts";
import type { GhostIds } from "../../convert/ghost-ids.ts";
import { replacementIn, type EventOf, type StateEvent } from "../../convert/matrix-event.ts";
import type { Logins } from "../login/logins.ts";
import type { Management } from "../bot/management.ts";
import { PortalChanges, type ChangedPortal } from "./portal-changes.ts";

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
  take(change: StateEvent): (() => Promise<void>) | undefined {
    switch (change.kind) {
      case "tombstone":
        return this.#moved(change);
      case "room-name":
        return this.#renamed(change);
      case "member":
        return this.#member(change);
      case "state":
        return undefined;
    }
  }

  #member(change: EventOf<"member">): (() => Promise<void>) | undefined {
    switch (change.membership) {
      case "invite":
        return this.#invited(change);
      case "leave":
      case "ban":
        return this.#gone(change);
      case "join":
        return this.#came(change);
      case "knock":
        return undefined;
    }
  }

  #invited(change: EventOf<"member">): (() => Promise<void>) | undefined {
    const { userId, roomId, sender, sentAt } = change;
    const { bot, ids, intent, management } = this.#options;
    if (userId === bot.userId) {
      // It goes there by itself, to keep the room of a group.
      return this.#successors.has(roomId) ? undefined : () => this.#manage(change);
    }
    const changed = this.#changedPortal(roomId);
    // The portal took this room before the bridge was stopped, or has moved to it.
    if (changed?.portal.members.mainIntent.userId === userId) return () => this.#catchUp(intent(userId), change);
    if (changed !== undefined) return this.#portals.invited(changed, change);
    if (!ids.isGhost(userId)) {
      const isOther = management.ownerOf(roomId) !== undefined && management.ownerOf(roomId) !== userId;
      return isOther && management.callOff(roomId) ? () => management.warn(roomId, sentAt) : undefined;
    }
    return async () => {
      if (await this.#replacesPortal(roomId, userId)) return;
      if (await this.#ghostInvites.invited(roomId, sender, userId)) await this.#catchUp(intent(userId), change);
    };
  }

  async #manage(change: EventOf<"member">): Promise<void> {
    const { management, bot } = this.#options;
    await management.invited(change.roomId, change.sender);
    if (management.ownerOf(change.roomId) === change.sender) await this.#catchUp(bot, change);
  }

  async #catchUp(user: UserIntent, { roomId, sender, sentAt }: EventOf<"member">): Promise<void> {
    this.#options.accept(await saidMeanwhile(user, roomId, { sender, since: sentAt }));
  }

  // After an upgrade people are invited to the room that replaces the old one; the portal goes there by itself.
  async #replacesPortal(roomId: string, ghost: string): Promise<boolean> {
    const { store, ids, intent } = this.#options;
    if (this.#successors.has(roomId)) return true;
    const remote = ids.parse(ghost)?.passport;
    for (const row of store.portals.list()) {
      if (row.roomId === null || row.remote !== remote) continue;
      if (replacementIn(await intent(ghost).state(row.roomId, "m.room.tombstone")) === roomId) return true;
    }
    return false;
  }

  #renamed(change: EventOf<"room-name">): (() => Promise<void>) | undefined {
    const changed = this.#changedPortal(change.roomId);
    return changed && this.#portals.renamed(changed, change);
  }

  #changedPortal(roomId: string): ChangedPortal | undefined {
    const row: PortalRow | undefined = this.#options.store.portals.findByRoom(roomId);
    const login = row && this.#options.logins.ofPortal(row);
    return row && login && { login, portal: login.portals.of(row) };
  }

  // Others would read passwords.
  #came({ userId, roomId }: EventOf<"member">): (() => Promise<void>) | undefined {
    const { management, bot } = this.#options;
    const owner = management.ownerOf(roomId);
    if (owner === userId) return management.came(roomId);
    const isOther = owner !== undefined && userId !== owner && userId !== bot.userId;
    if (!isOther) return undefined;
    management.callOff(roomId);
    return () => management.crowded(roomId);
  }

  #gone(change: EventOf<"member">): (() => Promise<void>) | undefined {
    const { management, bot, logins } = this.#options;
    const { userId, roomId } = change;
    const changed = this.#changedPortal(roomId);
    if (changed !== undefined) {
      this.#portals.gone(changed, change);
      return undefined;
    }
    const spaces = logins.ofSpace(roomId)?.spaces;
    if (spaces !== undefined) return spaces.gone(roomId, userId);
    const owner = management.ownerOf(roomId);
    if (owner === undefined || (userId !== owner && userId !== bot.userId)) return undefined;
    return () => management.lost(roomId);
  }

  #moved(change: EventOf<"tombstone">): (() => Promise<void>) | undefined {
    const { management } = this.#options;
    const { roomId, replacement: to } = change;
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
