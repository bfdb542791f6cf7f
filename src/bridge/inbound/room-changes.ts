import { replacementIn, type EventOf, type StateEvent } from "../../convert/matrix-event.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { GhostInvites } from "./ghost-invites.ts";
import { saidMeanwhile } from "./missed-events.ts";
import { PortalChanges, type ChangedPortal, type Work } from "./portal-changes.ts";
import type { Intake } from "./routing.ts";
import type { InboundScope } from "./scope.ts";

type MemberEvent = EventOf<"member">;

/** What has to be done with the homeserver for a change of a room. */
export type RoomStep =
  /** The bot was invited. */
  | { readonly type: "manage"; readonly event: MemberEvent }
  /** A ghost was invited into a room of its portal: what was said meanwhile is read. */
  | { readonly type: "catch-up"; readonly event: MemberEvent }
  /** A ghost was invited into a room that is none of ours. */
  | { readonly type: "adopt"; readonly event: MemberEvent }
  /** Somebody was invited into a user's room with the bot, while the bot waited there for a secret. */
  | { readonly type: "warn"; readonly event: MemberEvent }
  /** Somebody has come into a user's room with the bot. */
  | { readonly type: "leave-crowded"; readonly roomId: string }
  /** A user has come into a room with the bot that takes the place of another. */
  | { readonly type: "leave-replaced"; readonly roomId: string }
  /** A user, or the bot, has left their room. */
  | { readonly type: "give-up"; readonly roomId: string }
  /** A user's room with the bot was upgraded. */
  | { readonly type: "follow"; readonly roomId: string; readonly to: string; readonly owner: string }
  /** A user writes to the bot in a room that is encrypted. */
  | { readonly type: "offer-readable"; readonly roomId: string; readonly owner: string }
  /** The room of a portal or of a space has changed. */
  | { readonly type: "work"; readonly work: Work };

// The invitations follow within moments.
const SUCCESSORS_KEPT = 100;

/** What follows from people and rooms coming and going. */
export class RoomChanges {
  readonly #scope: InboundScope;
  readonly #portals: PortalChanges;
  readonly #ghostInvites: GhostInvites;
  /** The rooms that were said to replace those of portals, newest last. */
  readonly #successors = new Set<string>();

  constructor(scope: InboundScope) {
    this.#scope = scope;
    this.#portals = new PortalChanges(scope);
    this.#ghostInvites = new GhostInvites(scope);
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
        return changed && stepOf(this.#portals.renamed(changed, change));
      }
      case "member":
        return this.#member(change);
      case "state":
        return undefined;
    }
  }

  /** Does what is left to be done. @throws MatrixError, or what the disk throws, to be called again where that may pass */
  async perform(step: RoomStep, intake: Intake): Promise<void> {
    const { management } = this.#scope;
    switch (step.type) {
      case "manage":
        return this.#manage(step.event, intake);
      case "catch-up":
        return this.#catchUp(this.#scope.ghosts.byUserId(step.event.userId), step.event, intake);
      case "adopt":
        return this.#adopt(step.event, intake);
      case "warn":
        return management.warn(step.event.roomId, step.event.sentAt);
      case "leave-crowded":
        return management.crowded(step.roomId);
      case "leave-replaced":
        return management.came(step.roomId);
      case "give-up":
        return management.lost(step.roomId);
      case "follow":
        return management.follow(step.roomId, step.to, step.owner);
      case "offer-readable":
        return management.unreadable(step.roomId, step.owner);
      case "work":
        return step.work();
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
    if (changed !== undefined) return stepOf(this.#portals.invited(changed, event));
    if (ghosts.isGhost(userId)) return { type: "adopt", event };
    const owner = management.ownerOf(roomId);
    return owner !== undefined && owner !== userId && management.callOff(roomId) ? { type: "warn", event } : undefined;
  }

  async #manage(event: MemberEvent, intake: Intake): Promise<void> {
    const { management, bot } = this.#scope;
    await management.invited(event.roomId, event.sender);
    if (management.ownerOf(event.roomId) === event.sender) await this.#catchUp(bot, event, intake);
  }

  async #adopt(event: MemberEvent, intake: Intake): Promise<void> {
    const { roomId, sender, userId } = event;
    if (await this.#replacesPortal(roomId, userId)) return;
    if (!(await this.#ghostInvites.invited(roomId, sender, userId))) return;
    await this.#catchUp(this.#scope.ghosts.byUserId(userId), event, intake);
  }

  async #catchUp(user: UserIntent, { roomId, sender, sentAt }: MemberEvent, intake: Intake): Promise<void> {
    intake.accept(await saidMeanwhile(user, roomId, { sender, since: sentAt }));
  }

  // After an upgrade people are invited to the room that replaces the old one; the portal goes there by itself.
  async #replacesPortal(roomId: string, ghost: string): Promise<boolean> {
    const { store, ghosts } = this.#scope;
    if (this.#successors.has(roomId)) return true;
    const remote = ghosts.accountOf(ghost)?.passport;
    for (const row of store.portals.list()) {
      if (row.roomId === null || row.remote !== remote) continue;
      if (replacementIn(await ghosts.byUserId(ghost).state(row.roomId, "m.room.tombstone")) === roomId) return true;
    }
    return false;
  }

  #changedPortal(roomId: string): ChangedPortal | undefined {
    const { store, logins } = this.#scope;
    const row = store.portals.findByRoom(roomId);
    const login = row && logins.ofPortal(row);
    return row && login && { login, portal: login.portals.of(row) };
  }

  // Others would read passwords.
  #came({ userId, roomId }: MemberEvent): RoomStep | undefined {
    const { management, bot } = this.#scope;
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
    if (spaces !== undefined) return stepOf(spaces.gone(roomId, userId));
    const owner = management.ownerOf(roomId);
    return owner !== undefined && [owner, bot.userId].includes(userId) ? { type: "give-up", roomId } : undefined;
  }

  #moved(event: EventOf<"tombstone">): RoomStep | undefined {
    const { roomId, replacement: to } = event;
    const changed = this.#changedPortal(roomId);
    if (changed !== undefined) {
      if (to !== undefined) this.#expect(to);
      return stepOf(this.#portals.moved(changed, event));
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

function stepOf(work: Work | undefined): RoomStep | undefined {
  return work && { type: "work", work };
}
