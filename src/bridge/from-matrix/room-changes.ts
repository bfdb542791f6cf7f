import type { EventOf, StateEvent } from "../../convert/matrix-event.ts";
import { PortalChanges } from "./portal-changes.ts";
import type { ChangedPortal } from "./ghost-call.ts";
import type { RoomStep } from "./room-step.ts";
import type { InboundScope } from "./scope.ts";

type MemberEvent = EventOf<"member">;

// The invitations follow within moments.
const SUCCESSORS_KEPT = 100;

/** What follows from people and rooms coming and going. */
export class RoomChanges {
  readonly #scope: InboundScope;
  readonly #portals: PortalChanges;
  /** The rooms that were said to replace those of portals, newest last. */
  readonly #successors = new Set<string>();

  constructor(scope: InboundScope) {
    this.#scope = scope;
    this.#portals = new PortalChanges(scope);
  }

  /**
   * Takes note of a change at once, so that nothing later goes to a room that nobody reads.
   * @returns what is left to be done, if anything
   */
  take(change: StateEvent): RoomStep | undefined {
    switch (change.kind) {
      case "tombstone":
        return this.#moved(change);
      case "room-name": {
        const changed = this.#changedPortal(change.roomId);
        return changed && this.#portals.renamed(changed, change);
      }
      case "member":
        return this.#member(change);
      case "state":
        return undefined;
    }
  }

  #member(change: MemberEvent): RoomStep | undefined {
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

  #invited(event: MemberEvent): RoomStep | undefined {
    const { userId, roomId } = event;
    const { bot, ghosts, management } = this.#scope;
    // The bot goes there by itself, to keep the room of a group.
    if (userId === bot.userId) return this.#successors.has(roomId) ? undefined : { type: "manage", event };
    const changed = this.#changedPortal(roomId);
    // The portal took this room before the bridge was stopped, or has moved to it.
    if (changed?.portal.members.mainIntent.userId === userId) return { type: "catch-up", event };
    if (changed !== undefined) return this.#portals.invited(changed, event);
    // After an upgrade users are invited to the room that replaces the old one; the portal goes there by itself.
    if (ghosts.isGhost(userId)) return this.#successors.has(roomId) ? undefined : { type: "adopt", event };
    const owner = management.ownerOf(roomId);
    return owner !== undefined && owner !== userId && management.callOff(roomId) ? { type: "warn", event } : undefined;
  }

  #changedPortal(roomId: string): ChangedPortal | undefined {
    const { store, logins } = this.#scope;
    const row = store.portals.findByRoom(roomId);
    const login = row && logins.ofPortal(row);
    return row && login && { login, portal: login.portals.of(row) };
  }

  // Others would read passwords.
  #came({ userId, roomId }: MemberEvent): RoomStep | undefined {
    const { store, logins, management, bot } = this.#scope;
    const row = store.portals.findByRoom(roomId);
    const login = row?.standing === "stranger" ? logins.ofPortal(row) : undefined;
    if (row !== undefined && userId === login?.row.owner) login.portals.welcome(row);
    const owner = management.ownerOf(roomId);
    if (owner === userId) return management.isReplacement(roomId) ? { type: "leave-replaced", roomId } : undefined;
    if (owner === undefined || userId === bot.userId) return undefined;
    management.callOff(roomId);
    return { type: "leave-crowded", roomId };
  }

  #gone(event: MemberEvent): RoomStep | undefined {
    const { management, bot, logins } = this.#scope;
    const { userId, roomId } = event;
    const changed = this.#changedPortal(roomId);
    if (changed !== undefined) {
      this.#portals.gone(changed, event);
      return undefined;
    }
    const spaces = logins.ofSpace(roomId)?.spaces;
    if (spaces !== undefined) return spaces.gone(roomId, userId) ? { type: "leave-space", spaces, roomId } : undefined;
    const owner = management.ownerOf(roomId);
    return owner !== undefined && [owner, bot.userId].includes(userId) ? { type: "give-up", roomId } : undefined;
  }

  #moved(event: EventOf<"tombstone">): RoomStep | undefined {
    const { roomId, replacement: to } = event;
    const changed = this.#changedPortal(roomId);
    if (changed !== undefined) {
      if (to !== undefined) this.#expect(to);
      return this.#portals.moved(changed, event);
    }
    const owner = this.#scope.management.ownerOf(roomId);
    return to === undefined || owner === undefined ? undefined : { type: "follow", roomId, to, owner };
  }

  #expect(to: string): void {
    this.#successors.add(to);
    const [oldest] = this.#successors;
    if (oldest !== undefined && this.#successors.size > SUCCESSORS_KEPT) this.#successors.delete(oldest);
  }
}
