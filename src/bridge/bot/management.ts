import { readMatrixEvent } from "../../convert/matrix-event.ts";
import { sleep } from "../../util/clock.ts";
import type { BaseScope } from "../base/scope.ts";
import { ensureLeft } from "../room/membership.ts";
import type { ManagementRooms } from "./management-rooms.ts";
import type { Notices } from "./notices.ts";
import { secretMark } from "./secret-mark.ts";
import { retry } from "../base/retry.ts";
import { removeAll, type Removal } from "../room/removal.ts";
import { isSuccessor } from "../room/room.ts";
import { ENCRYPTED_BY_FORCE, alertOfEncryption } from "../words/encryption.ts";
import { MAY_NOT_USE } from "../words/access.ts";
import { addressOf } from "../../convert/text/links.ts";

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

/** The rooms in which people talk to the bot. */
export class Management {
  readonly notices: Notices;
  readonly #scope: BaseScope;
  readonly #rooms: ManagementRooms;

  constructor(scope: BaseScope, notices: Notices, rooms: ManagementRooms) {
    this.#scope = scope;
    this.notices = notices;
    this.#rooms = rooms;
    // It may have been a user's chat with the bot before; now others read there what is meant for that user.
    if (scope.alerts.room !== undefined) rooms.delete(scope.alerts.room);
  }

  /** The user whose room with the bot this is. */
  ownerOf(roomId: string): string | undefined {
    return this.#rooms.ownerOf(roomId);
  }

  /** Whether a room is being made for a user, who may know it before the bot does. */
  isMakingFor(owner: string): boolean {
    return this.#rooms.isMakingFor(owner);
  }

  /** A user invited the bot: joins a direct, readable chat of one who may use the bridge, leaves any other. */
  async invited(roomId: string, inviter: string): Promise<void> {
    const { bot, store, permissions, alerts, log } = this.#scope;
    if (roomId === alerts.room && permissions.levelOf(inviter) === "admin") {
      await bot.join(roomId);
      return alerts.entered();
    }
    if (!permissions.isAllowed(inviter)) {
      log.info({ inviter }, "refused an invitation of a user without permission");
      await bot.leave(roomId, MAY_NOT_USE);
      return;
    }
    await bot.join(roomId);
    if (!(await this.isPrivate(roomId, inviter))) return this.crowded(roomId);
    const isReadable = (await bot.state(roomId, "m.room.encryption")) === undefined;
    this.#rooms.save(roomId, inviter);
    if (!isReadable) return this.unreadable(roomId, inviter);
    store.batch(() => {
      if (store.said.once(roomId, "greeting")) this.notices.say(inviter, roomId, GREETING);
    });
  }

  /**
   * Whether a room holds the person and the bot and nobody else at this moment, those who are invited included.
   * @throws MatrixError
   */
  async isPrivate(roomId: string, owner: string): Promise<boolean> {
    const { bot, clock, signal } = this.#scope;
    const people = new Set(await retry(() => bot.people(roomId), { clock, signal, tries: HAND_TRIES }));
    return people.size === 2 && people.has(owner) && people.has(bot.userId);
  }

  /** There are others in the room, who would read passwords: leaves it. */
  async crowded(roomId: string): Promise<void> {
    const { bot, store } = this.#scope;
    const owner = this.ownerOf(roomId);
    const mark = secretMark(store.said, roomId);
    const isAsking = mark.isCalledOff;
    const body = isAsking ? `${CALLED_OFF} ${NOT_DIRECT}` : NOT_DIRECT;
    await bot.send(roomId, "m.room.message", `bot-crowded-${roomId}`, { msgtype: "m.notice", "m.mentions": {}, body });
    if (isAsking && owner !== undefined) await this.#removeAnswers(roomId, owner);
    await bot.leave(roomId, NOT_DIRECT);
    this.#rooms.delete(roomId);
    mark.clear();
  }

  /** Another user has come into a user's room with the bot: what leads to a secret is not asked there any more. */
  callOff(roomId: string): boolean {
    return secretMark(this.#scope.store.said, roomId).callOff();
  }

  /** Another user was invited while the bot waited for a secret. */
  async warn(roomId: string, at: number): Promise<void> {
    const content = { msgtype: "m.notice", "m.mentions": {}, body: `${CALLED_OFF} ${NOT_DIRECT}` };
    await this.#scope.bot.send(roomId, "m.room.message", `bot-warning-${roomId}-${at}`, content);
  }

  // What was said since the question may be the answer, and nothing can be removed once the bot has left.
  async #removeAnswers(roomId: string, owner: string): Promise<void> {
    const { bot, log } = this.#scope;
    const { events } = await bot.eventsBefore(roomId, LATEST_EVENTS);
    const latest = events.flatMap((event) => readMatrixEvent(event, roomId) ?? []);
    const said = latest.filter(({ type }) => type === "m.room.message");
    // The newest of ours is the warning, the one before it the question.
    const [, question] = said.flatMap(({ sender }, index) => (sender === bot.userId ? index : []));
    const ids = said.slice(0, question).flatMap(({ sender, id }) => (sender === owner ? id : []));
    const { kept } = await removeAll(bot, roomId, ids, this.#scope);
    if (kept > 0)
      log.warn({ room: roomId, kept }, "what may be a password could not be removed from a room with others");
  }

  /** A user writes to the bot in a room that is encrypted: says so once there, and offers a room that is not. */
  async unreadable(roomId: string, owner: string): Promise<void> {
    const { bot, store, alerts, domain } = this.#scope;
    if (store.said.has(roomId, "encrypted")) return;
    // Not where an encrypted message has come into a room that is not encrypted.
    const isDead = (await bot.state(roomId, "m.room.encryption")) !== undefined;
    const readable = await this.#rooms.make({ owner, purpose: `${INSTEAD}${roomId}`, name: READABLE_NAME });
    const isForced = (await bot.state(readable, "m.room.encryption")) !== undefined;
    if (isForced) alertOfEncryption(alerts);
    store.batch(() => {
      store.said.once(roomId, "encrypted");
      if (isForced) store.said.once(readable, "encrypted");
      else if (isDead) store.said.once(readable, `${INSTEAD}${roomId}`);
      this.notices.say(owner, roomId, isForced ? ENCRYPTED_BY_FORCE : encrypted(addressOf(readable, domain), isDead));
      this.notices.say(owner, readable, isForced ? ENCRYPTED_BY_FORCE : GREETING);
    });
    // They may have come before it was written down what their coming means.
    if (this.isReplacement(readable) && (await bot.membership(readable, owner)) === "join") await this.came(readable);
  }

  /** Whether a room takes the place of others, which are left once its owner has come. */
  isReplacement(roomId: string): boolean {
    return this.#replaced(roomId).length > 0;
  }

  /** The owner of a room has come into it: leaves the rooms that it takes the place of. */
  async came(roomId: string): Promise<void> {
    const { bot, store, clock, signal } = this.#scope;
    const owner = this.ownerOf(roomId);
    if (owner === undefined) return;
    // The link in the other room first, if people are that quick.
    for (let tries = 0; tries < LINK_TRIES && this.notices.isSpeaking(owner); tries += 1)
      await sleep(clock, LINK_WAIT_MS, signal);
    for (const what of this.#replaced(roomId)) {
      const dead = what.slice(INSTEAD.length);
      await ensureLeft(bot, dead, GONE_ON);
      this.#rooms.delete(dead);
      store.said.forget(roomId, what);
    }
  }

  #replaced(roomId: string): string[] {
    return this.#scope.store.said.list(roomId).filter((what) => what.startsWith(INSTEAD));
  }

  /** The room is of no use any more: its owner or the bot has gone. */
  async lost(roomId: string): Promise<void> {
    const { bot } = this.#scope;
    this.#rooms.delete(roomId);
    await ensureLeft(bot, roomId, "The person this chat is for has left it.");
  }

  /** The room was upgraded: goes on in the one that replaces it, once the bot is let in. */
  async follow(from: string, to: string, owner: string): Promise<void> {
    const { bot } = this.#scope;
    if (!(await isSuccessor(bot, from, to))) return;
    this.#rooms.delete(from);
    this.#rooms.save(to, owner);
  }

  /** Removes a user's messages, as far as that is in the bot's power. */
  async redact(roomId: string, eventIds: readonly string[]): Promise<Removal> {
    return removeAll(this.#scope.bot, roomId, eventIds, this.#scope);
  }
}

function encrypted(link: string, isDead: boolean): string {
  const after = isDead ? " I leave this room once you have joined that one." : "";
  return `I cannot read encrypted messages. I have invited you to a room without encryption: ${link} Go on there.${after}`;
}
