import { z } from "zod";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { NoticeRow } from "../../store/notices.ts";
import type { Store } from "../../store/store.ts";
import { sleep, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { isForbidden, ensureLeft } from "../room/membership.ts";
import { makeBotRoom, type BotRoom } from "../room/bot-room.ts";
import { secretMark } from "./secret-mark.ts";
import { Notices, type NoticesOptions, type Topic } from "./notices.ts";
import type { Alerts } from "../../ops/alerts.ts";
import { retry } from "../base/retry.ts";
import { removeAll, type Removal } from "../room/removal.ts";
import { isSuccessor } from "../room/room.ts";
import { ENCRYPTED_BY_FORCE, alertOfEncryption } from "../words/encryption.ts";
import { MAY_NOT_USE } from "../words/access.ts";
import { addressOf } from "../../convert/text/links.ts";
import { bareKey } from "../../convert/text/relations.ts";

export interface ManagementOptions {
  readonly bot: UserIntent;
  readonly store: Pick<Store, "managementRooms" | "said" | "notices" | "noticeEvents" | "batch">;
  readonly isAllowed: (userId: string) => boolean;
  /** Whether somebody looks after the bridge. */
  readonly isAdmin: (userId: string) => boolean;
  /** Hears what those who run the bridge have to know, in a room of theirs if there is one. */
  readonly alerts: Alerts;
  /** Whether people of other homeservers may be in the rooms that the bot makes. */
  readonly federate: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const GREETING =
  "Hello! I connect you to MSN Messenger.\n" +
  "Say login to sign in with your MSN account.\n" +
  "Say help to see everything I understand.";

const NOT_DIRECT = "I talk to one person at a time: invite me to a direct chat.";
const CALLED_OFF =
  "Do not type your password or token in this room: somebody else can read it. I don't wait for it here any more.";
const READABLE_NAME = "MSN bridge, without encryption";
const GONE_ON = "You have joined the room without encryption, so this one leads nowhere any more.";
// Noted of the readable room, so that the other one is left once its owner has come.
const INSTEAD = "instead of ";

const HAND_TRIES = 3;
const LINK_TRIES = 50;
const LINK_WAIT_MS = 200;
const LATEST_EVENTS = 20;
const spoken = z.array(
  z.object({ event_id: z.string(), sender: z.string(), type: z.string() }).optional().catch(undefined),
);

/** The rooms in which people talk to the bot. */
export class Management {
  readonly #options: ManagementOptions;
  readonly #notices: Notices;

  constructor(options: ManagementOptions) {
    this.#options = options;
    const roomOf: NoticesOptions["roomOf"] = (notice) => this.#roomOf(notice);
    const { notices: rows, noticeEvents: events, managementRooms } = options.store;
    // It may have been somebody's chat with the bot before; now others read there what is meant for her.
    if (options.alerts.room !== undefined) managementRooms.delete(options.alerts.room);
    const forget = (owner: string): void => {
      const newest = managementRooms.listByOwner(owner).at(-1);
      if (newest !== undefined) managementRooms.delete(newest.roomId);
    };
    this.#notices = new Notices({ ...options, rows, events, roomOf, forget });
  }

  /** The person whose management room this is. */
  ownerOf(roomId: string): string | undefined {
    return this.#options.store.managementRooms.find(roomId)?.owner;
  }

  /** Says something as the bot to somebody, in her room; promised once this returns. */
  say(owner: string, roomId: string, text: string, replyTo?: string): void {
    this.#notices.add(owner, text, { roomId, replyTo: replyTo ?? null });
  }

  /** Tells somebody something wherever she hears the bot; promised once this returns. */
  tell(owner: string, text: string, topic?: Topic): void {
    this.#notices.add(owner, text, {}, topic);
  }

  /** Whether something was said about a thing that is not over. */
  hasTold(about: string): boolean {
    const { notices, noticeEvents } = this.#options.store;
    return notices.leavesOpen(about) ?? noticeEvents.find(about) !== undefined;
  }

  /** The command that a reaction of somebody to a notice stands for. */
  commandOf(owner: string, eventId: string, reaction: string): string | undefined {
    const row = this.#options.store.noticeEvents.findByEvent(eventId);
    if (row?.owner !== owner) return undefined;
    return row.answers.find(([key]) => bareKey(key) === bareKey(reaction))?.[1];
  }

  /** Whether the bot is saying something to somebody at this moment. */
  isSpeaking(owner: string): boolean {
    return this.#notices.isSpeaking(owner);
  }

  /** Says what an earlier run has promised. */
  resume(): void {
    this.#notices.resume();
  }

  async stop(): Promise<void> {
    await this.#notices.stop();
  }

  /** Somebody invited the bot: joins a direct, readable chat of somebody who may use the bridge, leaves any other. */
  async invited(roomId: string, inviter: string): Promise<void> {
    const { bot, store, isAllowed, isAdmin, alerts, log } = this.#options;
    if (roomId === alerts.room && isAdmin(inviter)) {
      await bot.join(roomId);
      return alerts.entered();
    }
    if (!isAllowed(inviter)) {
      log.info({ inviter }, "refused an invitation of somebody without permission");
      await bot.leave(roomId, MAY_NOT_USE);
      return;
    }
    await bot.join(roomId);
    if (!(await this.isPrivate(roomId, inviter))) return this.crowded(roomId);
    const isReadable = (await bot.state(roomId, "m.room.encryption")) === undefined;
    store.managementRooms.save({ roomId, owner: inviter });
    if (!isReadable) return this.unreadable(roomId, inviter);
    store.batch(() => {
      if (store.said.once(roomId, "greeting")) this.say(inviter, roomId, GREETING);
    });
  }

  /**
   * Whether a room holds the person and the bot and nobody else at this moment, those who are invited included.
   * @throws MatrixError
   */
  async isPrivate(roomId: string, owner: string): Promise<boolean> {
    const { bot, clock, signal } = this.#options;
    const people = new Set(await retry(() => bot.people(roomId), { clock, signal, tries: HAND_TRIES }));
    return people.size === 2 && people.has(owner) && people.has(bot.userId);
  }

  /** There are others in the room, who would read passwords: leaves it. */
  async crowded(roomId: string): Promise<void> {
    const { bot, store } = this.#options;
    const owner = this.ownerOf(roomId);
    const mark = secretMark(store.said, roomId);
    const isAsking = mark.isCalledOff;
    const body = isAsking ? `${CALLED_OFF} ${NOT_DIRECT}` : NOT_DIRECT;
    await bot.send(roomId, "m.room.message", `bot-crowded-${roomId}`, { msgtype: "m.notice", "m.mentions": {}, body });
    if (isAsking && owner !== undefined) await this.#removeAnswers(roomId, owner);
    await bot.leave(roomId, NOT_DIRECT);
    store.managementRooms.delete(roomId);
    mark.clear();
  }

  /** Somebody else has come into somebody's room with the bot: what leads to a secret is not asked there any more. */
  callOff(roomId: string): boolean {
    return secretMark(this.#options.store.said, roomId).callOff();
  }

  /** Somebody else was invited while the bot waited for a secret. */
  async warn(roomId: string, at: number): Promise<void> {
    const content = { msgtype: "m.notice", "m.mentions": {}, body: `${CALLED_OFF} ${NOT_DIRECT}` };
    await this.#options.bot.send(roomId, "m.room.message", `bot-warning-${roomId}-${at}`, content);
  }

  // What was said since the question may be the answer, and nothing can be removed once the bot has left.
  async #removeAnswers(roomId: string, owner: string): Promise<void> {
    const { bot, log } = this.#options;
    const latest = spoken.parse((await bot.eventsBefore(roomId, LATEST_EVENTS)).events);
    const said = latest.flatMap((event) => (event?.type === "m.room.message" ? event : []));
    // The newest of ours is the warning, the one before it the question.
    const [, question] = said.flatMap(({ sender }, index) => (sender === bot.userId ? index : []));
    const ids = said.slice(0, question).flatMap(({ sender, event_id: id }) => (sender === owner ? id : []));
    const { kept } = await removeAll(bot, roomId, ids, this.#options);
    if (kept > 0)
      log.warn({ room: roomId, kept }, "what may be a password could not be removed from a room with others");
  }

  /** Somebody writes to the bot in a room that is encrypted: says so once there, and offers a room that is not. */
  async unreadable(roomId: string, owner: string): Promise<void> {
    const { bot, store, alerts } = this.#options;
    if (store.said.has(roomId, "encrypted")) return;
    // Not where an encrypted message has come into a room that is not encrypted.
    const isDead = (await bot.state(roomId, "m.room.encryption")) !== undefined;
    const readable = await this.#makeRoom({ owner, purpose: `${INSTEAD}${roomId}`, name: READABLE_NAME });
    const isForced = (await bot.state(readable, "m.room.encryption")) !== undefined;
    if (isForced) alertOfEncryption(alerts);
    store.batch(() => {
      store.managementRooms.save({ roomId: readable, owner });
      store.said.once(roomId, "encrypted");
      if (isForced) store.said.once(readable, "encrypted");
      else if (isDead) store.said.once(readable, `${INSTEAD}${roomId}`);
      this.say(owner, roomId, isForced ? ENCRYPTED_BY_FORCE : encrypted(addressOf(readable, domainOf(bot)), isDead));
      this.say(owner, readable, isForced ? ENCRYPTED_BY_FORCE : GREETING);
    });
    // They may have come before it was written down what their coming means.
    const gone = this.came(readable);
    if (gone !== undefined && (await bot.membership(readable, owner)) === "join") await gone();
  }

  /**
   * The owner of a room has come into it.
   * @returns what is left to be done with the homeserver, if anything
   */
  came(roomId: string): (() => Promise<void>) | undefined {
    const { bot, store, clock, signal } = this.#options;
    const owner = this.ownerOf(roomId);
    const said = store.said.list(roomId).filter((what) => what.startsWith(INSTEAD));
    if (said.length === 0 || owner === undefined) return undefined;
    return async () => {
      // The link in the other room first, if people are that quick.
      for (let tries = 0; tries < LINK_TRIES && this.isSpeaking(owner); tries += 1)
        await sleep(clock, LINK_WAIT_MS, signal);
      for (const what of said) {
        const dead = what.slice(INSTEAD.length);
        await ensureLeft(bot, dead, GONE_ON);
        store.managementRooms.delete(dead);
        store.said.forget(roomId, what);
      }
    };
  }

  /** The room is of no use any more: its owner or the bot has gone. */
  async lost(roomId: string): Promise<void> {
    const { bot, store } = this.#options;
    store.managementRooms.delete(roomId);
    await ensureLeft(bot, roomId, "The person this chat is for has left it.");
  }

  /** The room was upgraded: goes on in the one that replaces it, once the bot is let in. */
  async follow(from: string, to: string, owner: string): Promise<void> {
    const { bot, store } = this.#options;
    if (!(await isSuccessor(bot, from, to))) return;
    store.managementRooms.delete(from);
    store.managementRooms.save({ roomId: to, owner });
  }

  /** Removes somebody's messages, as far as that is in the bot's power. */
  async redact(roomId: string, eventIds: readonly string[]): Promise<Removal> {
    return removeAll(this.#options.bot, roomId, eventIds, this.#options);
  }

  // The room that a notice is for, else the newest with the person and the bot and nobody else in it, else a new one.
  async #roomOf({ id, owner, roomId: wanted }: NoticeRow): Promise<string> {
    const { bot, store } = this.#options;
    // Those who run the bridge may be many.
    if (owner === bot.userId && wanted !== null) return wanted;
    const known = store.managementRooms.listByOwner(owner).map(({ roomId }) => roomId);
    for (const roomId of [...(wanted === null ? [] : [wanted]), ...known.toReversed()]) {
      const people: string[] = await bot.people(roomId).catch(withoutForbidden);
      const areBoth = people.includes(owner) && people.includes(bot.userId);
      if (areBoth && people.length === 2) return roomId;
      // Whoever is invited may decline, and then it is private again.
      if (!areBoth) store.managementRooms.delete(roomId);
    }
    const roomId = await this.#makeRoom({ owner, purpose: `notice ${id}` });
    store.managementRooms.save({ roomId, owner });
    return roomId;
  }

  async #makeRoom(room: BotRoom): Promise<string> {
    const { bot, store, federate } = this.#options;
    return makeBotRoom({ bot, said: store.said, federate }, room);
  }
}

function encrypted(link: string, isDead: boolean): string {
  const after = isDead ? " I leave this room once you have joined that one." : "";
  return `I cannot read encrypted messages. I have invited you to a room without encryption: ${link} Go on there.${after}`;
}

function domainOf({ userId }: UserIntent): string {
  return userId.slice(userId.indexOf(":") + 1);
}

// The bot is not in the room, or there is none.
function withoutForbidden(error: unknown): string[] {
  if (isForbidden(error)) return [];
  throw error;
}
