import type { PortalMessage } from "../../convert/to-matrix.ts";
import { accountKey } from "../../msn/index.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { PortalRow } from "../../store/portals.ts";
import { sleep } from "../../util/clock.ts";
import { nextTurn } from "../../util/next-turn.ts";
import { retry } from "../base/retry.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import { alertOfEncryption, ENCRYPTED_BY_FORCE } from "../words/encryption.ts";
import { HeardMessages, type MessageKeeper } from "./heard-messages.ts";
import { giveUpRoom, type GivenUp, type RoomEnd } from "./farewell.ts";
import type { Members } from "./members.ts";
import { ensureLeft } from "./membership.ts";
import { RoomMembership } from "./room-membership.ts";
import { RoomState } from "./room-state.ts";
import { isSuccessor, makeRoom, type OpenRoom } from "./room.ts";

/** Shows in a room what the journal has for it. */
export interface RoomTimeline {
  /** There may be something to show, or a room again in which it can be shown. */
  wake(): void;
  /** A room was given up: what its owner may not have read there is to be shown in the next one. */
  roomLost(roomId: string): void;
}

const INVITED_MS = 3000;
// How often the homeserver is asked to let users out of a room: while the owner waits for it, and else.
const [HAND_TRIES, TRIES] = [3, 8] as const;

/**
 * The Matrix room of a portal. Both deliveries, files and commands use the one that there is; only this class decides
 * which that is.
 *
 * ```
 *            ensure, adopt              the owner or the main user leaves, close
 *   no room ──────────────► a room ───────────────────────────────────────────────► no room
 *                            │  ▲
 *                            └──┘ follow: the room that replaces it
 * ```
 *
 * - The disk says which room it is (`portal.room_id`), so that a restart changes nothing. That one is being made is
 *   written down before the homeserver is asked (`portal.creating`), and one that may exist is looked for (`create-once`).
 * - Rooms are made and upgrades followed one at a time: what needs the room meanwhile waits for the same promise, so
 *   nothing is shown in an old room while its upgrade is followed.
 * - A room is given up by one write to the disk, which takes effect at once. Emptying it takes time and may
 *   fail; that does no harm, because the room is no portal's any more.
 * - Who is in it is known from the homeserver's answers and from the events since then, in their order
 *   (`room-membership`). It is asked again only after a restart, and when something is refused.
 * - What it shows is one value (`room-info`), and what differs from what Matrix has been told (`portal.told`) is told.
 *
 * Two rooms must never be made for one chat, and a room that its owner has left must never count as read.
 */
export class PortalRoom implements MessageKeeper {
  readonly membership: RoomMembership;
  readonly state: RoomState;
  readonly #scope: LoginScope;
  readonly #portalId: number;
  readonly #members: Members;
  readonly #heard: HeardMessages;
  #timeline: RoomTimeline | undefined;
  #opening: Promise<OpenRoom> | undefined;
  /** The room that was lost in this turn. */
  #losing: string | undefined;

  constructor(scope: LoginScope, portalId: number, members: Members) {
    this.#scope = scope;
    this.#portalId = portalId;
    this.#members = members;
    this.membership = new RoomMembership(scope, portalId, members);
    this.state = new RoomState(scope, portalId, members);
    this.#heard = new HeardMessages(scope.store, this);
  }

  /** What shows messages in the room is woken when there are any. */
  attach(timeline: RoomTimeline): void {
    this.#timeline = timeline;
  }

  /** Null while there is none. */
  get roomId(): string | null {
    return this.row.roomId;
  }

  /** The portal as it is on disk now. */
  get row(): PortalRow {
    return this.#scope.store.portals.get(this.#portalId);
  }

  /** A contact said or did something: promised once this resolves. @throws what the disk throws */
  async hear(message: PortalMessage): Promise<void> {
    await this.#heard.add(message);
    this.#timeline?.wake();
  }

  /** The bridge has something to say in the room, or brings a ghost there: promised from here on. */
  show(message: PortalMessage): void {
    this.#scope.store.batch(() => this.keep(message));
    this.#timeline?.wake();
  }

  keep(message: PortalMessage): void {
    const { store } = this.#scope;
    if (this.#members.kind === "group" && message.type !== "notice") store.portals.touch(this.#portalId);
    store.journal.acceptMessage(this.#portalId, message);
  }

  /** Says something in the room, in answer to an event if one is given. */
  say(text: string, replyTo?: string | null): void {
    this.show({ type: "notice", text, ...(typeof replyTo === "string" && { replyTo }) });
  }

  /** Whether something has not been said yet in the life of the room; from now on it has. */
  isFirst(what: string): boolean {
    const { roomId } = this;
    return roomId === null || this.#scope.store.said.once(roomId, what);
  }

  /** The room, made if there is none. @throws MatrixError */
  async ensure(): Promise<OpenRoom> {
    const { roomId } = this;
    if (roomId !== null && this.#opening === undefined) return { roomId, isNew: false, isEncrypted: false };
    // Merged, so that two who need the room at the same time never have two made.
    this.#opening ??= this.#make().finally(() => (this.#opening = undefined));
    const room = await this.#opening;
    // What waited because the owner had declined a room can be shown now.
    this.#timeline?.wake();
    return room;
  }

  /** The room, made if there is none that its owner is in or invited to. @throws MatrixError */
  async ensureRead(): Promise<string> {
    const { roomId } = await this.ensure();
    if (this.membership.isOwnerKnown(roomId) || (await this.membership.isRead(roomId))) return roomId;
    this.lose(roomId);
    return (await this.ensure()).roomId;
  }

  /** Takes a room that the owner has made for this chat. False: there is one, or one is being made. @throws MatrixError */
  async adopt(roomId: string): Promise<boolean> {
    const { names, log, presence } = this.#scope;
    await names.introduce(this.row.remote);
    if (this.roomId !== null || this.#opening !== undefined) return false;
    this.#take(roomId);
    presence.roomOpened(this.#members.mainIntent.userId);
    log.info({ portal: this.#portalId, room: roomId }, "a portal has taken a room that its owner has made");
    this.#timeline?.wake();
    return true;
  }

  /** A contact comes to the group or leaves it: their ghost does the same, if there is a room. @throws MatrixError */
  async attend(account: string, change: "join" | "leave"): Promise<void> {
    const { roomId: known, dismissed } = this.row;
    // A new group has its room before anything is said; an owner who has left it is invited again by words only.
    const isOpened = this.#opening !== undefined || (change === "join" && !dismissed);
    if (known === null && !isOpened) return;
    const { roomId } = await this.ensure();
    const ghost = this.#members.intentOf(account);
    if (change === "leave") {
      this.membership.noteGone(roomId, ghost.userId);
      return ensureLeft(ghost, roomId);
    }
    const isThere =
      this.membership.isKnown(roomId, ghost.userId) || (await this.membership.ensureJoined(roomId, ghost, account));
    if (isThere) return this.state.tell();
    this.#scope.log.warn({ portal: this.#portalId, ghost: ghost.userId }, "a ghost cannot be brought into its room");
  }

  /** The room was upgraded: goes on in the one that replaces it, or in a new one. @throws MatrixError */
  async follow(from: string, to: string): Promise<void> {
    if (this.roomId !== from) return;
    if (this.#opening !== undefined) {
      // It is followed already, or nearly made: two at a time would make two rooms where neither successor can be entered.
      await this.idle();
      return this.follow(from, to);
    }
    const { clock, signal } = this.#scope;
    const following = retry(() => this.#follow(from, to), { clock, signal, tries: Number.POSITIVE_INFINITY });
    this.#opening = following.finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  /** Gives the room up; what is said later opens a new one. @returns whether all of that could be done */
  async close(end: RoomEnd): Promise<boolean> {
    const { roomId } = this;
    if (roomId === null) return true;
    // Known to be lost first, so that the leaving of its owner changes nothing.
    this.#forget(roomId);
    return this.#empty({ roomId, end, others: this.#others() }, HAND_TRIES);
  }

  /** Gives a room up, if it is the portal's, and does not wait until it is empty. */
  lose(roomId: string, end: RoomEnd = "left"): void {
    if (this.roomId !== roomId) return;
    this.#forget(roomId);
    void this.#emptyOnceLost(roomId, end);
  }

  /** Resolves once no room is being made or followed, and what was heard is written. */
  async idle(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    await this.#heard.idle();
  }

  async #make(): Promise<OpenRoom> {
    const { names, row: login, signal, presence, alerts, roomFollowers } = this.#scope;
    const { mainIntent } = this.#members;
    const accounts = this.#members.kind === "direct" ? [this.row.remote] : this.#members.current();
    for (const account of accounts) await names.introduce(account);
    // A bridge that stops sets no names any more, and a ghost must not be seen before it has one.
    signal.throwIfAborted();
    const { row } = this;
    const { info } = this.state;
    const { owner } = login;
    const key = `${login.server}/${accountKey(login.passport)}/${row.kind}/${row.remote}`;
    const ghosts = this.#members.current().map((account) => this.#members.intentOf(account));
    const room = await makeRoom(this.#scope, row, { mainIntent, owner, key, ghosts, info });
    this.membership.note(room.roomId, ...info.members);
    for (const account of accounts) presence.roomOpened(this.#members.intentOf(account).userId);
    roomFollowers.roomsChanged();
    if (room.isEncrypted) {
      alertOfEncryption(alerts);
      this.say(ENCRYPTED_BY_FORCE);
    }
    return room;
  }

  async #follow(from: string, to: string): Promise<OpenRoom> {
    const { log, clock, signal, presence } = this.#scope;
    const { mainIntent } = this.#members;
    // A user who upgrades a room invites its members afterwards.
    if (!(await isSuccessor(mainIntent, from, to))) await sleep(clock, INVITED_MS, signal);
    signal.throwIfAborted();
    if (!(await isSuccessor(mainIntent, from, to)) || !(await this.membership.isRead(to))) {
      this.lose(from);
      return this.#make();
    }
    this.#take(to);
    log.info({ portal: this.#portalId, from, to }, "a portal has moved to the room that replaces its own");
    const accounts = this.#members.current();
    for (const account of accounts) await this.membership.ensureJoined(to, this.#members.intentOf(account), account);
    for (const user of [mainIntent, ...accounts.map((one) => this.#members.intentOf(one))])
      presence.roomOpened(user.userId);
    await this.state.tell();
    return { roomId: to, isNew: false, isEncrypted: false };
  }

  /** This room is the portal's from now on. */
  #take(roomId: string): void {
    const { store, roomFollowers } = this.#scope;
    store.portals.setRoom(this.#portalId, roomId);
    // What is known of the one before says nothing any more: nobody hears who leaves it.
    this.membership.note(roomId);
    roomFollowers.roomsChanged();
  }

  #forget(roomId: string): void {
    const { store, log, roomFollowers } = this.#scope;
    store.portals.setRoom(this.#portalId, null);
    this.#timeline?.roomLost(roomId);
    roomFollowers.roomsChanged();
    log.info({ portal: this.#portalId, room: roomId }, "a portal has lost its room");
  }

  // What was decided may be a part of the commit of this turn, which can fail or be done once more.
  async #emptyOnceLost(roomId: string, end: RoomEnd): Promise<void> {
    if (this.#losing === roomId) return;
    this.#losing = roomId;
    const others = this.#others();
    await nextTurn();
    this.#losing = undefined;
    const { store, signal } = this.#scope;
    if (signal.aborted || store.portals.findByRoom(roomId)?.id === this.#portalId) return;
    await this.#empty({ roomId, end, others }, TRIES);
  }

  // The portal itself may be gone before the homeserver has heard all of it.
  #others(): readonly UserIntent[] {
    return this.#members.all().map((account) => this.#members.intentOf(account));
  }

  // Those who stay behind do no harm: the room is not the portal's any more.
  async #empty({ roomId, end, others }: Pick<GivenUp, "roomId" | "end" | "others">, tries: number): Promise<boolean> {
    const { row, log } = this.#scope;
    const { mainIntent } = this.#members;
    const problems = await giveUpRoom(this.#scope, { roomId, end, owner: row.owner, mainIntent, others }, tries);
    for (const error of problems)
      log.info({ error, room: roomId }, "a room that was given up could not be left in order");
    return problems.length === 0;
  }
}
