import type { NoticeRow } from "../../store/notices.ts";
import type { CoreScope } from "../base/scope.ts";
import { makeBotRoom, type BotRoom } from "../room/bot-room.ts";
import { isForbidden } from "../room/membership.ts";

/** The rooms in which users talk to the bot: which there are, and in which of them something can be said. */
export class ManagementRooms {
  readonly #scope: CoreScope;
  /** For whom rooms are being made, once for each room. */
  readonly #making: string[] = [];

  constructor(scope: CoreScope) {
    this.#scope = scope;
  }

  /** The user whose room with the bot this is. */
  ownerOf(roomId: string): string | undefined {
    return this.#scope.store.managementRooms.find(roomId)?.owner;
  }

  save(roomId: string, owner: string): void {
    this.#scope.store.managementRooms.save({ roomId, owner });
  }

  delete(roomId: string): void {
    this.#scope.store.managementRooms.delete(roomId);
  }

  /** The newest room with a user cannot be used. */
  deleteNewest(owner: string): void {
    const newest = this.#scope.store.managementRooms.listByOwner(owner).at(-1);
    if (newest !== undefined) this.delete(newest.roomId);
  }

  /**
   * The room for a notice: its own while no other user is in it, else the newest with the user and the bot and no other
   * in it, else a new one.
   * @throws MatrixError
   */
  async roomFor({ id, owner, roomId: wanted }: NoticeRow): Promise<string> {
    const { bot, store } = this.#scope;
    // The admins may be many.
    if (owner === bot.userId && wanted !== null) return wanted;
    const known = store.managementRooms.listByOwner(owner).map(({ roomId }) => roomId);
    for (const roomId of [...(wanted === null ? [] : [wanted]), ...known.toReversed()]) {
      const people: string[] = await bot.people(roomId).catch(withoutForbidden);
      const areBoth = people.includes(owner) && people.includes(bot.userId);
      if (areBoth && people.length === 2) return roomId;
      // Others who are invited may decline, and then it is private again.
      if (!areBoth) this.delete(roomId);
    }
    return this.make({ owner, purpose: `notice ${id}` });
  }

  /** Whether a room is being made for a user, who may know it before the bot does. */
  isMakingFor(owner: string): boolean {
    return this.#making.includes(owner);
  }

  /** Makes a room and gives it to its owner. @throws MatrixError */
  async make(room: BotRoom): Promise<string> {
    this.#making.push(room.owner);
    try {
      const roomId = await makeBotRoom(this.#scope, room);
      this.save(roomId, room.owner);
      return roomId;
    } finally {
      this.#making.splice(this.#making.indexOf(room.owner), 1);
    }
  }
}

// The bot is not in the room, or there is none.
function withoutForbidden(error: unknown): string[] {
  if (isForbidden(error)) return [];
  throw error;
}
