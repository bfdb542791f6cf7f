import type { UserIntent } from "../../matrix/client/intent.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { Members } from "./members.ts";
import { ensureJoined, isForbidden } from "./membership.ts";

/**
 * Who is in a portal's room, as far as the homeserver's answers and the events since then say. Of a room that was found on
 * disk, or has just become the portal's, nothing is known of its owner: they may have left it while the bridge was away,
 * or before its events counted for the portal.
 */
export class RoomMembership {
  readonly #scope: LoginScope;
  readonly #portalId: number;
  readonly #members: Members;
  /** The room of which something is known. */
  #knownRoom: string | undefined;
  readonly #known = new Set<string>();

  constructor(scope: LoginScope, portalId: number, members: Members) {
    this.#scope = scope;
    this.#portalId = portalId;
    this.#members = members;
  }

  /** Whether the owner is in the room or invited, as far as is known without asking. */
  isOwnerKnown(roomId: string): boolean {
    return this.isKnown(roomId, this.#scope.row.owner);
  }

  /** Whether a user is in the room or invited, as far as is known without asking. */
  isKnown(roomId: string, userId: string): boolean {
    return roomId === this.#knownRoom && this.#known.has(userId);
  }

  /** Some users are in the room, or invited to it. Of a room that was lost meanwhile nothing is noted. */
  note(roomId: string, ...userIds: readonly string[]): void {
    if (this.#roomId !== roomId) return;
    if (roomId !== this.#knownRoom) this.#known.clear();
    this.#knownRoom = roomId;
    for (const userId of userIds) this.#known.add(userId);
  }

  /** The homeserver says that a user has left the room. */
  noteGone(roomId: string, userId: string): void {
    if (roomId === this.#knownRoom) this.#known.delete(userId);
  }

  /** Whether the owner is in a room or invited, asked again. @throws MatrixError */
  async isRead(roomId: string): Promise<boolean> {
    const { owner } = this.#scope.row;
    try {
      const membership = await this.#members.mainIntent.membership(roomId, owner);
      const isRead = membership === "join" || membership === "invite";
      if (isRead) this.note(roomId, owner);
      return isRead;
    } catch (error) {
      // The main user itself is not in the room any more.
      if (isForbidden(error)) return false;
      throw error;
    }
  }

  /** Invites the owner once more, if they are not there. @throws MatrixError */
  async inviteOwner(): Promise<void> {
    const roomId = this.#roomId;
    if (roomId === null || (await this.isRead(roomId))) return;
    await this.#members.mainIntent.invite(roomId, this.#scope.row.owner);
  }

  /**
   * Has one of our users in the room, whatever is known.
   * @returns false when they cannot be brought there, or it is not the portal's room any more
   * @throws MatrixError
   */
  async ensureJoined(roomId: string, user: UserIntent, account: string | undefined): Promise<boolean> {
    if (roomId !== this.#roomId) return false;
    if (account !== undefined) await this.#scope.names.introduce(account);
    const outcome = await ensureJoined(this.#members.mainIntent, user, roomId);
    if (outcome === "refused") return false;
    this.note(roomId, user.userId);
    if (outcome === "joined") this.#scope.presence.roomOpened(user.userId);
    return true;
  }

  get #roomId(): string | null {
    return this.#scope.store.portals.get(this.#portalId).roomId;
  }
}
