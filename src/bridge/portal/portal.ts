import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Delivery, OutgoingContent } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import { sleep } from "../../util/clock.ts";
import { settleAll } from "../../util/settle-all.ts";
import { ensureJoined, isForbidden, ensureLeft } from "../room/membership.ts";
import type { Members } from "../room/members.ts";
import { giveUpRoom, type RoomEnd } from "./farewell.ts";
import { PortalFiles } from "../files/portal-files.ts";
import type { AcceptedEvent } from "../base/accepted-event.ts";
import { retry } from "../base/retry.ts";
import { removeAll, type Removal } from "../room/removal.ts";
import { MatrixDelivery, type Coming, type RoadRoom } from "./matrix-delivery.ts";
import { MsnDelivery } from "./msn-delivery.ts";
import { isSuccessor, type OpenRoom } from "../room/room.ts";
import type { PortalOptions } from "./portal-options.ts";
import type { PortalMessage } from "../../convert/to-matrix.ts";
import { PortalTyping } from "./typing.ts";

const INVITED_MS = 3000;
// How often the homeserver is asked to let people out of a room: while somebody waits for it, and else.
const [HAND_TRIES, TRIES] = [3, 8] as const;

/** One conversation and its room. Both roads keep their order by working off the journal row by row. */
export class Portal implements RoadRoom {
  readonly members: Members;
  readonly typing: PortalTyping;
  readonly files: PortalFiles;
  readonly #options: PortalOptions;
  readonly #toMatrix: MatrixDelivery;
  readonly #toMsn: MsnDelivery;
  #opening: Promise<OpenRoom> | undefined;

  constructor(options: PortalOptions) {
    this.#options = options;
    const { row, members, session } = options;
    this.members = members;
    this.typing = new PortalTyping({ ...options, roomId: () => this.roomId });
    this.#toMatrix = new MatrixDelivery({ ...options, portalId: row.id, room: this });
    this.#toMsn = new MsnDelivery({
      ...options,
      portalId: row.id,
      ghost: members.mainIntent,
      name: () => members.name(),
      say: (...what) => session.say(members.target, ...what),
      answer: (eventId, text) => this.show({ type: "notice", text, ...(eventId !== null && { replyTo: eventId }) }),
      sayOnce: (what) => this.roomId === null || options.said.once(this.roomId, what),
      sendFile: (rowId, file) => this.files.send(rowId, file),
      takeBackFile: (rowId, target) => this.files.takeBack(rowId, target),
    });
    this.files = new PortalFiles({
      ...options,
      portalId: row.id,
      show: (message) => this.show(message),
      openRoom: () => this.#openRead(),
      deliver: (accepted) => this.deliver(accepted),
      delivered: (rowId) => this.#toMsn.delivered(rowId),
      failed: (...what) => this.#toMsn.failed(...what),
    });
  }

  get roomId(): string | null {
    return this.row.roomId;
  }

  /** As it is on disk now. */
  get row(): PortalRow {
    return this.#options.portals.get(this.#options.row.id);
  }

  /** Somebody said or did something, or the bridge has something to say in the room: promised from here on. */
  show(message: PortalMessage): void {
    const { members, batch, portals, row } = this.#options;
    if (message.type !== "notice") this.typing.end(message.from);
    if (members.kind === "direct" || message.type === "notice") return this.#toMatrix.accept(message);
    batch(() => {
      portals.touch(row.id);
      this.#toMatrix.accept(message);
    });
  }

  /** Says something in the room, once in the life of the room. */
  explain(what: string, sentence: string): void {
    const { said } = this.#options;
    if (this.roomId !== null && said.once(this.roomId, what)) this.show({ type: "notice", text: sentence });
  }

  /** The journal holds an event of the owner for this portal. */
  deliver(accepted: AcceptedEvent): void {
    this.typing.owner(false);
    if (!this.files.hear(accepted)) this.#toMsn.accept(accepted);
  }

  /** The journal holds an event of the owner that must not cross; she is told why. */
  refuse(rowId: number, sentence: string): void {
    this.#toMsn.refuse(rowId, sentence);
  }

  /** Says something that is not an event of the room, and is not kept. */
  async say(content: OutgoingContent, acceptedAt: number): Promise<Delivery> {
    return this.#options.session.say(this.members.target, content, acceptedAt, () => undefined);
  }

  /** Sends again what was not delivered last. @throws MatrixError */
  async retry(): Promise<boolean> {
    return this.#toMsn.retry();
  }

  /** Removes events of the owner, as far as that is in the keeper's power. */
  async redact(roomId: string, eventIds: readonly string[]): Promise<Removal> {
    return removeAll(this.members.mainIntent, roomId, eventIds, this.#options);
  }

  /** Works off what an earlier run of the bridge left in the journal. */
  resume(): void {
    this.files.resume();
    this.#toMatrix.wake();
    this.#toMsn.wake();
  }

  /** Ends what is under way and starts nothing more; the rest stays in the journal. */
  async stop(): Promise<void> {
    await settleAll([
      this.#toMatrix.stop(),
      this.#toMsn.stop(),
      this.files.stop(),
      this.#opening?.catch(() => undefined) ?? Promise.resolve(),
    ]);
  }

  async open(): Promise<OpenRoom> {
    const { roomId } = this;
    // For a room that is there nothing is made and nobody is told anything: this happens with every message.
    if (roomId !== null && this.#opening === undefined) return { roomId, isNew: false, isEncrypted: false };
    // Merged, so that two who need the room at the same time never have two made.
    this.#opening ??= this.#options.makeRoom().finally(() => (this.#opening = undefined));
    const room = await this.#opening;
    // What waited because she had declined a room can be shown now.
    this.#toMatrix.wake();
    return room;
  }

  // Whoever has left it gets a new one.
  async #openRead(): Promise<string> {
    const { roomId } = await this.open();
    if (await this.isRead(roomId)) return roomId;
    this.lose(roomId);
    return (await this.open()).roomId;
  }

  /** Takes a room that the owner has made for this chat. False: there is one, or one is being made. @throws MatrixError */
  async adopt(roomId: string): Promise<boolean> {
    const { portals, row, log, onRoom, introduce, presence } = this.#options;
    await introduce(row.remote);
    if (this.roomId !== null || this.#opening !== undefined) return false;
    portals.setRoom(row.id, roomId);
    onRoom();
    presence.roomOpened(this.members.mainIntent.userId);
    log.info({ portal: row.id, room: roomId }, "a portal has taken a room that its owner has made");
    this.#toMatrix.wake();
    return true;
  }

  /** Invites the owner once more, if she is not there. @throws MatrixError */
  async inviteOwner(): Promise<void> {
    const { roomId } = this;
    if (roomId !== null && !(await this.isRead(roomId)))
      await this.members.mainIntent.invite(roomId, this.#options.owner);
  }

  /** Gives the room up; what is said later opens a new one. @returns whether all of that could be done */
  async close(end: RoomEnd): Promise<boolean> {
    const { roomId } = this;
    if (roomId === null) return true;
    // Known to be lost first, so that the leaving of its owner is no news.
    this.#forget(roomId);
    return this.#empty(roomId, HAND_TRIES, end);
  }

  /** Calls the room something that only its owner sees; null: as the contact calls herself. @throws MatrixError */
  async rename(title: string | null): Promise<void> {
    const { portals, row } = this.#options;
    portals.setTitle(row.id, title);
    if (this.roomId === null) return;
    const name = title ?? this.members.roomName();
    await this.members.mainIntent.sendState(this.roomId, "m.room.name", "", name === undefined ? {} : { name });
  }

  async isRead(roomId: string): Promise<boolean> {
    try {
      const membership = await this.members.mainIntent.membership(roomId, this.#options.owner);
      return membership === "join" || membership === "invite";
    } catch (error) {
      // The keeper itself is not in the room any more.
      if (isForbidden(error)) return false;
      throw error;
    }
  }

  lose(roomId: string, end: RoomEnd = "left"): void {
    if (this.roomId !== roomId) return;
    this.#forget(roomId);
    void this.#empty(roomId, TRIES, end);
  }

  #forget(roomId: string): void {
    const { portals, row, log, onRoom } = this.#options;
    portals.setRoom(row.id, null);
    onRoom();
    log.info({ portal: row.id, room: roomId }, "a portal has lost its room");
  }

  // Those who stay behind do no harm: the room is not the portal's any more.
  async #empty(roomId: string, tries: number, end: RoomEnd): Promise<boolean> {
    const { members } = this;
    const { owner, clock, signal, log } = this.#options;
    // The portal itself may be gone before the homeserver has heard all of it.
    const others = members.all().map((account) => members.intentOf(account));
    const problems = await giveUpRoom(
      { roomId, end, owner, mainIntent: members.mainIntent, others },
      { tries, clock, signal },
    );
    for (const error of problems)
      log.info({ error, room: roomId }, "a room that was given up could not be left in order");
    return problems.length === 0;
  }

  async attend({ type, from }: Coming): Promise<void> {
    const { roomId: known, dismissed } = this.row;
    // A new group has its room before anything is said; whoever has left it is invited again by words only.
    const isOpened = this.#opening !== undefined || (type === "join" && !dismissed);
    if (known === null && !isOpened) return;
    const { roomId } = await this.open();
    const ghost = this.members.intentOf(from);
    if (type === "leave") return ensureLeft(ghost, roomId);
    if (!(await this.ensureJoined(ghost, from))) {
      const { log, row } = this.#options;
      log.warn({ portal: row.id, ghost: ghost.userId }, "a ghost cannot be brought into its room");
      return;
    }
    await this.nameRoom(roomId);
  }

  async ensureJoined(user: UserIntent, account: string | undefined): Promise<boolean> {
    if (this.roomId === null) return false;
    if (account !== undefined) await this.#options.introduce(account);
    const outcome = await ensureJoined(this.members.mainIntent, user, this.roomId);
    if (outcome === "joined") this.#options.presence.roomOpened(user.userId);
    return outcome !== "refused";
  }

  /** Gives the room of a group its name: what the person calls it, or its people. @throws MatrixError */
  async nameRoom(roomId: string): Promise<void> {
    const { mainIntent } = this.members;
    const name = this.members.roomName();
    if (name === undefined) return;
    try {
      if ((await mainIntent.state(roomId, "m.room.name"))?.["name"] === name) return;
      await mainIntent.sendState(roomId, "m.room.name", "", { name });
    } catch (error) {
      if (!isForbidden(error)) throw error;
    }
  }

  /** The room was upgraded: goes on in the one that replaces it, or in a new one. @throws MatrixError */
  async follow(from: string, to: string): Promise<void> {
    if (this.roomId !== from) return;
    const { clock, signal } = this.#options;
    const following = retry(() => this.#follow(from, to), { clock, signal, tries: Number.POSITIVE_INFINITY });
    // Until it is done, nothing may be shown in the old room.
    this.#opening = following.finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #follow(from: string, to: string): Promise<OpenRoom> {
    const { portals, row, log, makeRoom, onRoom, clock, signal, members, presence } = this.#options;
    const { mainIntent } = members;
    // Whoever upgrades a room invites its people afterwards.
    if (!(await isSuccessor(mainIntent, from, to))) await sleep(clock, INVITED_MS, signal);
    signal.throwIfAborted();
    if ((await isSuccessor(mainIntent, from, to)) && (await this.isRead(to))) {
      portals.setRoom(row.id, to);
      onRoom();
      log.info({ portal: row.id, from, to }, "a portal has moved to the room that replaces its own");
      const accounts = members.current();
      for (const account of accounts) await this.ensureJoined(members.intentOf(account), account);
      for (const user of [mainIntent, ...accounts.map((one) => members.intentOf(one))])
        presence.roomOpened(user.userId);
      return { roomId: to, isNew: false, isEncrypted: false };
    }
    this.lose(from);
    return makeRoom();
  }
}
