import { randomUUID } from "node:crypto";
import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import type { ManagementRooms } from "../store/management-rooms.ts";
import type { Log } from "../util/log.ts";

export interface ManagementOptions {
  readonly bot: UserIntent;
  readonly rooms: ManagementRooms;
  readonly isAllowed: (userId: string) => boolean;
  readonly log: Log;
}

const GREETING =
  "Hello! I connect you to MSN Messenger.\n" +
  "Say login <e-mail> <password> to sign in with your MSN account.\n" +
  "Say help to see everything I understand.";

const NOT_ALLOWED = "You may not use this bridge. Whoever runs it can allow you under bridge.permissions.";
const NOT_DIRECT = "I talk to one person at a time: invite me to a direct chat.";
const ENCRYPTED =
  "I cannot read encrypted rooms, so I leave this one. Start a chat with me in which encryption is switched off.";

/** The rooms in which people talk to the bot. */
export class Management {
  readonly #options: ManagementOptions;

  constructor(options: ManagementOptions) {
    this.#options = options;
  }

  /** The person whose management room this is. */
  ownerOf(roomId: string): string | undefined {
    return this.#options.rooms.find(roomId)?.owner;
  }

  /** Somebody invited the bot: joins a direct, readable chat of somebody who may use the bridge, leaves any other. */
  async invited(roomId: string, inviter: string): Promise<void> {
    const { bot, rooms, isAllowed, log } = this.#options;
    if (!isAllowed(inviter)) {
      log.info({ inviter }, "refused an invitation of somebody without permission");
      await bot.leave(roomId, NOT_ALLOWED);
      return;
    }
    await bot.join(roomId);
    const members = await bot.joinedMembers(roomId);
    if (members.some((member) => member !== bot.userId && member !== inviter)) return this.#refuse(roomId, NOT_DIRECT);
    if ((await bot.state(roomId, "m.room.encryption")) !== undefined) return this.#refuse(roomId, ENCRYPTED);
    rooms.save({ roomId, owner: inviter });
    await this.say(roomId, GREETING);
  }

  /** Says something as the bot. */
  async say(roomId: string, text: string, replyTo?: string): Promise<void> {
    const reply = replyTo === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: replyTo } } };
    const content = { msgtype: "m.notice", body: text, ...reply };
    await this.#options.bot.send(roomId, "m.room.message", `bot-${randomUUID()}`, content);
  }

  /** Tells somebody something in the newest room that she shares with the bot. Errors are logged. */
  tell(owner: string, text: string): void {
    const { rooms, log } = this.#options;
    const roomId = rooms.listByOwner(owner).at(-1)?.roomId;
    if (roomId === undefined) {
      log.warn({ owner, text }, "somebody could not be told something: there is no room with her");
      return;
    }
    this.say(roomId, text).catch((error: unknown) =>
      log.error({ error, owner, text }, "somebody could not be told something"),
    );
  }

  /** Removes somebody's message. False: the bot has not got the power in that room. */
  async redact(roomId: string, eventId: string, reason: string): Promise<boolean> {
    try {
      await this.#options.bot.redact(roomId, eventId, `redact-${eventId}`, reason);
      return true;
    } catch (error) {
      if (error instanceof MatrixError && error.code === "forbidden") return false;
      throw error;
    }
  }

  async #refuse(roomId: string, sentence: string): Promise<void> {
    await this.say(roomId, sentence);
    await this.#options.bot.leave(roomId, sentence);
  }
}
