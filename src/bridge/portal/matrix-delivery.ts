import { MatrixError } from "../../matrix/client/errors.ts";
import type { OpenRow } from "../../store/journal-row.ts";
import { later } from "../../util/clock.ts";
import { JournalWorker, type Job } from "../base/journal-worker.ts";
import { isForbidden } from "../room/membership.ts";
import { lookBack, type Finding, type Sought } from "../room/look-back.ts";
import type { RoomTimeline } from "../room/portal-room.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import { notShown, perhapsSaidBefore, perhapsShown } from "../words/delivery.ts";
import { cleanText } from "../../convert/text/clean.ts";
import { portalMessage, toMatrix, type PortalMessage, type ShownMessage } from "../../convert/to-matrix.ts";
import type { PortalTyping } from "./typing.ts";

const DECLINED_MS = 60 * 60_000;

/** From the journal into the room of a portal, row by row, in order. */
export class MatrixDelivery implements Job<OpenRow>, RoomTimeline {
  readonly name: string;
  readonly #scope: PortalScope;
  readonly #typing: PortalTyping;
  readonly #worker: JournalWorker<OpenRow>;
  /**
   * Whether the oldest row may have been sent already, by an earlier run or a try whose answer was lost. Only the oldest
   * can have been: nothing behind it is begun before it is settled.
   */
  #mayBeShown = true;
  /** The row for which a room was given up. */
  #lostFor: number | undefined;
  /** Until when no room is made, because the last one was declined; milliseconds since the epoch. */
  #pausedUntil = 0;

  constructor(scope: PortalScope, typing: PortalTyping) {
    this.#scope = scope;
    this.#typing = typing;
    this.name = `messages of portal ${scope.portalId} to Matrix`;
    this.#worker = new JournalWorker(scope, this);
    scope.room.attach(this);
  }

  wake(): void {
    this.#worker.wake();
  }

  roomLost(): void {
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  next(): OpenRow | undefined {
    const { store, portalId, room, clock } = this.#scope;
    if (room.roomId === null && clock.now() < this.#pausedUntil) return undefined;
    return store.journal.next("to-matrix", portalId);
  }

  async work(row: OpenRow): Promise<void> {
    try {
      await this.#show(row);
      this.#mayBeShown = false;
    } catch (error) {
      this.#mayBeShown = true;
      throw error;
    }
  }

  /** Settles the row, or leaves it open if the room turned out to be of no use. */
  async #show({ id, txnId, created, body }: OpenRow): Promise<void> {
    const { store, room, notices, row: login } = this.#scope;
    const { journal } = store;
    if (txnId === null) throw new Error(`journal row ${id} goes to Matrix without a transaction id`);
    const message = portalMessage.parse(body());
    if (message.type === "join" || message.type === "leave") {
      await room.attend(message.from, message.type);
      journal.settle(id, "delivered");
      return;
    }
    if (message.type === "notice" && room.roomId === null) {
      // A notice is no reason to invite somebody who has left.
      store.batch(() => {
        notices.tell(login.owner, message.text);
        journal.settle(id, "delivered", "told elsewhere");
      });
      return;
    }
    if (message.type !== "notice") this.#typing.end(message.from);
    const { roomId } = await room.ensure();
    // Homeservers forget transaction ids when they restart, so a second try is made only after looking.
    const sought: Sought = { key: txnId, since: created };
    const finding = this.#mayBeShown ? await this.#lookFor(roomId, sought, message) : "absent";
    if (finding === "unknown") return this.#settleUnknown(id, roomId, message);
    const isThere = finding === "found" || (await this.#send(roomId, txnId, message));
    // Asked afterwards: whoever left before the message came in is seen to have left.
    if (isThere && (await room.membership.isRead(roomId))) {
      journal.settle(id, "delivered");
      return;
    }
    room.lose(roomId);
    // One new room for somebody who had left is a service; another one for somebody who declines it is not.
    if (this.#lostFor === id) this.#pause();
    this.#lostFor = id;
  }

  // The messages wait for her to open the room herself, or for her to have thought better of it.
  #pause(): void {
    const { clock, notices, row: login, members, signal } = this.#scope;
    this.#pausedUntil = clock.now() + DECLINED_MS;
    notices.tell(login.owner, members.declined());
    later(clock, DECLINED_MS, signal, () => this.#worker.wake());
  }

  /** False: whoever says it is not in the room, and cannot come back. */
  async #send(roomId: string, txnId: string, message: ShownMessage): Promise<boolean> {
    const { members, room, row: login, settings } = this.#scope;
    const from = speakerOf(message);
    const speaker = members.intentOf(from);
    const content = toMatrix(message, txnId, { owner: login.owner, emoticons: settings.messages.emoticons });
    try {
      await speaker.send(roomId, "m.room.message", txnId, content);
      return true;
    } catch (error) {
      if (!isForbidden(error)) throw error;
    }
    if (!(await room.membership.ensureJoined(speaker, from))) return false;
    await speaker.send(roomId, "m.room.message", txnId, content);
    return true;
  }

  async #lookFor(roomId: string, sought: Sought, message: ShownMessage): Promise<Finding["type"]> {
    const { members, room } = this.#scope;
    const from = speakerOf(message);
    const speaker = members.intentOf(from);
    const look = (): Promise<Finding | undefined> => lookBack(speaker, roomId, sought).catch(withoutForbidden);
    // Who was never in the room, or is out of it by now: some homeservers show those who have left nothing any more.
    const finding = (await look()) ?? ((await room.membership.ensureJoined(speaker, from)) ? await look() : undefined);
    return finding?.type ?? "absent";
  }

  #settleUnknown(id: number, roomId: string, message: ShownMessage): void {
    const { log, portalId, members, store, notices, row: login } = this.#scope;
    log.warn({ portal: portalId, room: roomId }, "it cannot be known whether a message was shown before the stop");
    const sentence =
      message.type === "notice"
        ? perhapsSaidBefore(message.text)
        : perhapsShown(members.name(message.from), roomId, wordsOf(message));
    store.batch(() => {
      if (store.journal.settle(id, "uncertain", "room-too-busy")) notices.tell(login.owner, sentence);
    });
  }

  giveUp({ id, body }: OpenRow, error: unknown): boolean {
    const { portalId, log, members, store } = this.#scope;
    log.error({ error, portal: portalId }, "a message could not be shown in its room");
    const reason = error instanceof MatrixError ? error.code : "internal";
    const status = error instanceof MatrixError ? error.status : undefined;
    const message = readMessage(body);
    switch (message?.type) {
      case "join":
      case "leave":
        // Nobody has said anything.
        store.journal.settle(id, "failed", reason);
        break;
      case "notice":
        this.#settleUntold(id, reason, message.text);
        break;
      default:
        this.#settleUntold(id, reason, notShown(members.name(message?.from), status));
    }
    return false;
  }

  // In one commit, so that no crash comes between what became of it and saying so.
  #settleUntold(id: number, reason: string, sentence: string): void {
    const { store, notices, row: login } = this.#scope;
    store.batch(() => {
      if (store.journal.settle(id, "failed", reason)) notices.tell(login.owner, sentence);
    });
  }
}

// What the row holds may be what is wrong with it.
function readMessage(body: OpenRow["body"]): PortalMessage | undefined {
  try {
    return portalMessage.parse(body());
  } catch {
    return undefined;
  }
}

function wordsOf(message: ShownMessage): string | undefined {
  return message.type === "text" || message.type === "emote" ? cleanText(message.text) : undefined;
}

function withoutForbidden(error: unknown): undefined {
  if (!isForbidden(error)) throw error;
}

function speakerOf(message: PortalMessage): string | undefined {
  return message.type === "notice" ? undefined : message.from;
}
