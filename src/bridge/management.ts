import { randomUUID } from "node:crypto";
import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import type { ManagementRooms } from "../store/management-rooms.ts";
import type { Said } from "../store/said.ts";
import type { Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import { persist } from "./persist.ts";
import { directRoom, isSuccessor } from "./room.ts";
import { ENCRYPTED_BY_FORCE, tellOperatorOfEncryption } from "./sentences.ts";

export interface ManagementOptions {
  readonly bot: UserIntent;
  readonly rooms: ManagementRooms;
  readonly said: Said;
  readonly isAllowed: (userId: string) => boolean;
  /** Whether people of other homeservers may be in the rooms that the bot makes. */
  readonly federate: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// With a minute between them, a homeserver may be away for hours.
const TELL_TRIES = 500;
const SAY_TRIES = 8;

const GREETING =
  "Hello! I connect you to MSN Messenger.\n" +
  "Say login to sign in with your MSN account.\n" +
  "Say help to see everything I understand.";

const NOT_ALLOWED = "You may not use this bridge. Whoever runs it can allow you under bridge.permissions.";
const NOT_DIRECT = "I talk to one person at a time: invite me to a direct chat.";
const ENCRYPTED =
  "I cannot read encrypted messages. I have invited you to a chat with me without encryption: go on there.";

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
    if (members.some((member) => member !== bot.userId && member !== inviter)) {
      await this.say(roomId, NOT_DIRECT);
      await bot.leave(roomId, NOT_DIRECT);
      return;
    }
    rooms.save({ roomId, owner: inviter });
    if ((await bot.state(roomId, "m.room.encryption")) !== undefined) await this.unreadable(roomId, inviter);
    else await this.say(roomId, GREETING);
  }

  /** Somebody writes to the bot in a room that is encrypted: says so once there, and offers a room that is not. */
  async unreadable(roomId: string, owner: string): Promise<void> {
    const { bot, rooms, said, federate, log } = this.#options;
    if (!said.once(roomId, "encrypted")) return;
    const readable = await bot.createRoom(directRoom(owner, federate));
    const isForced = (await bot.state(readable, "m.room.encryption")) !== undefined;
    rooms.save({ roomId: readable, owner });
    if (isForced) {
      said.once(readable, "encrypted");
      tellOperatorOfEncryption(log);
    }
    await this.say(roomId, isForced ? ENCRYPTED_BY_FORCE : ENCRYPTED);
    await this.say(readable, isForced ? ENCRYPTED_BY_FORCE : GREETING);
  }

  /** The room is of no use any more: its owner or the bot has gone. */
  async lost(roomId: string): Promise<void> {
    const { bot, rooms } = this.#options;
    rooms.delete(roomId);
    try {
      await bot.leave(roomId, "The person this chat is for has left it.");
    } catch (error) {
      if (!(error instanceof MatrixError) || error.retryable) throw error;
    }
  }

  /** The room was upgraded: goes on in the one that replaces it, once the bot is let in. */
  async follow(from: string, to: string, owner: string): Promise<void> {
    const { bot, rooms } = this.#options;
    if (!(await isSuccessor(bot, from, to))) return;
    rooms.delete(from);
    rooms.save({ roomId: to, owner });
  }

  /** Says something as the bot, again while the homeserver is away. */
  async say(roomId: string, text: string, replyTo?: string): Promise<void> {
    await this.#say(roomId, text, { replyTo, tries: SAY_TRIES });
  }

  async #say(
    roomId: string,
    text: string,
    { replyTo, tries }: { replyTo?: string | undefined; tries: number },
  ): Promise<void> {
    const { bot, clock, signal } = this.#options;
    const txnId = `bot-${randomUUID()}`;
    const reply = replyTo === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: replyTo } } };
    const content = { msgtype: "m.notice", body: text, ...reply };
    const send = async (): Promise<void> => void (await bot.send(roomId, "m.room.message", txnId, content));
    await persist(send, { clock, signal, tries });
  }

  /** Tells somebody something in the newest room that she shares with the bot. Errors are logged. */
  tell(owner: string, text: string): void {
    const { rooms, log } = this.#options;
    const roomId = rooms.listByOwner(owner).at(-1)?.roomId;
    if (roomId === undefined) {
      log.warn({ owner, text }, "somebody could not be told something: there is no room with her");
      return;
    }
    this.#say(roomId, text, { tries: TELL_TRIES }).catch((error: unknown) => {
      if (!this.#options.signal.aborted) log.error({ error, owner, text }, "somebody could not be told something");
    });
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
}
