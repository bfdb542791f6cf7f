import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { isDiskError } from "../../store/errors.ts";
import type { Journal } from "../../store/journal.ts";
import { Backoff } from "../../util/backoff.ts";
import { later, sleep, type Clock } from "../../util/clock.ts";
import { Drain } from "../../util/drain.ts";
import type { Log } from "../../util/log.ts";
import { isForbidden } from "../room/membership.ts";
import type { Members } from "../room/members.ts";
import { lookBack, type Finding, type Sought } from "../room/look-back.ts";
import { notShown, perhapsSaidBefore, perhapsShown } from "../words/delivery.ts";
import type { Settings } from "../base/settings.ts";
import { cleanText } from "../../convert/text/clean.ts";
import { portalMessage, toMatrix, type PortalMessage, type ShownMessage } from "../../convert/to-matrix.ts";

/** The room as this road needs it. */
export interface RoadRoom {
  /** Null while there is none. */
  readonly roomId: string | null;
  /** The room, made if there is none. @throws MatrixError */
  open(): Promise<{ roomId: string }>;
  /** Whether the owner is in it or invited, asked anew. @throws MatrixError */
  isRead(roomId: string): Promise<boolean>;
  /** The room is of no use any more; the next `open` makes another. */
  lose(roomId: string): void;
  /** Somebody came to a group or left it: her ghost does the same, if there is a room. @throws MatrixError */
  attend(coming: Coming): Promise<void>;
  /** Has one of our users in the room. False: she cannot be brought there. @throws MatrixError */
  ensureJoined(user: UserIntent, account: string | undefined): Promise<boolean>;
}

/** Somebody comes to a group, or leaves it. */
export type Coming = Extract<PortalMessage, { type: "join" | "leave" }>;

export interface MatrixDeliveryOptions {
  readonly portalId: number;
  readonly journal: Journal;
  readonly room: RoadRoom;
  readonly members: Members;
  readonly owner: string;
  readonly settings: Settings;
  /** Does work on the disk in one commit. */
  readonly batch: (work: () => void) => void;
  /** Tells the owner, outside the portal, what cannot be shown in it. */
  readonly tellOwner: (sentence: string) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const REST_MS = 10_000;
const DECLINED_MS = 60 * 60_000;
const RETRY = { first: 1000, most: 60_000 };

/** From the journal into the room of a portal, row by row, in order. */
export class MatrixDelivery {
  readonly #options: MatrixDeliveryOptions;
  readonly #drain: Drain;
  readonly #backoff = new Backoff(RETRY);
  /**
   * Whether the oldest row may have been sent already, by an earlier run or a try whose answer was lost. Only the oldest
   * can have been: nothing behind it is begun before it is settled.
   */
  #mayBeShown = true;
  /** The row for which a room was given up. */
  #lostFor: number | undefined;
  /** Until when no room is made, because the last one was declined; milliseconds since the epoch. */
  #pausedUntil = 0;

  constructor(options: MatrixDeliveryOptions) {
    this.#options = options;
    this.#drain = new Drain(
      () => this.#next(),
      (error) => this.#rest(error),
    );
  }

  /** Takes a message: promised from here on. */
  accept(message: PortalMessage): void {
    this.#options.journal.acceptMessage(this.#options.portalId, message);
    this.#drain.wake();
  }

  /** The journal may hold something. */
  wake(): void {
    this.#drain.wake();
  }

  async stop(): Promise<void> {
    await this.#drain.stop();
  }

  // Most likely the disk is full: the rows are still there, and are worked off once it is not.
  #rest(error: unknown): void {
    const { log, portalId, clock, signal } = this.#options;
    log.error({ error, portal: portalId }, "a portal has to pause showing messages");
    later(clock, REST_MS, signal, () => this.#drain.wake());
  }

  async #next(): Promise<boolean> {
    const { journal, portalId, room, signal, clock, log } = this.#options;
    const id = journal.next("to-matrix", portalId)?.id;
    if (id === undefined || (room.roomId === null && clock.now() < this.#pausedUntil)) return false;
    try {
      await this.#show(id);
      this.#mayBeShown = false;
      this.#backoff.reset();
    } catch (error) {
      this.#mayBeShown = true;
      if (signal.aborted) return false;
      // It may have been shown, and is looked for once the disk takes that.
      if (isDiskError(error)) throw error;
      if (error instanceof MatrixError && error.retryable) {
        const delay = Math.max(this.#backoff.next(), error.retryAfterMs ?? 0);
        log.warn({ error: error.message, portal: portalId, delay }, "a message waits for the homeserver");
        await sleep(clock, delay, signal);
      } else {
        this.#giveUp(id, error);
      }
    }
    return !signal.aborted;
  }

  /** Settles the row, or leaves it open if the room turned out to be of no use. */
  async #show(id: number): Promise<void> {
    const { journal, room, tellOwner, batch } = this.#options;
    const { txnId, created } = journal.get(id);
    if (txnId === null) throw new Error(`journal row ${id} goes to Matrix without a transaction id`);
    const message = portalMessage.parse(journal.body(id));
    if (message.type === "join" || message.type === "leave") {
      await room.attend(message);
      journal.settle(id, "delivered");
      return;
    }
    if (message.type === "notice" && room.roomId === null) {
      // A notice is no reason to invite somebody who has left.
      batch(() => {
        tellOwner(message.text);
        journal.settle(id, "delivered", "told elsewhere");
      });
      return;
    }
    const { roomId } = await room.open();
    // Homeservers forget transaction ids when they restart, so a second try is made only after looking.
    const sought: Sought = { key: txnId, since: created };
    const finding = this.#mayBeShown ? await this.#lookFor(roomId, sought, message) : "absent";
    if (finding === "unknown") return this.#settleUnknown(id, roomId, message);
    const isThere = finding === "found" || (await this.#send(roomId, txnId, message));
    // Asked afterwards: whoever left before the message came in is seen to have left.
    if (isThere && (await room.isRead(roomId))) {
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
    const { clock, tellOwner, members, signal } = this.#options;
    this.#pausedUntil = clock.now() + DECLINED_MS;
    tellOwner(members.declined());
    later(clock, DECLINED_MS, signal, () => this.#drain.wake());
  }

  /** False: whoever says it is not in the room, and cannot come back. */
  async #send(roomId: string, txnId: string, message: ShownMessage): Promise<boolean> {
    const { members, room, owner, settings } = this.#options;
    const from = speakerOf(message);
    const speaker = members.intentOf(from);
    const content = toMatrix(message, txnId, { owner, emoticons: settings.messages.emoticons });
    try {
      await speaker.send(roomId, "m.room.message", txnId, content);
      return true;
    } catch (error) {
      if (!isForbidden(error)) throw error;
    }
    if (!(await room.ensureJoined(speaker, from))) return false;
    await speaker.send(roomId, "m.room.message", txnId, content);
    return true;
  }

  async #lookFor(roomId: string, sought: Sought, message: ShownMessage): Promise<Finding["type"]> {
    const { members, room } = this.#options;
    const from = speakerOf(message);
    const speaker = members.intentOf(from);
    const look = (): Promise<Finding | undefined> => lookBack(speaker, roomId, sought).catch(withoutForbidden);
    // Who was never in the room, or is out of it by now: some homeservers show those who have left nothing any more.
    const finding = (await look()) ?? ((await room.ensureJoined(speaker, from)) ? await look() : undefined);
    return finding?.type ?? "absent";
  }

  #settleUnknown(id: number, roomId: string, message: ShownMessage): void {
    const { log, portalId, members, batch, journal, tellOwner } = this.#options;
    log.warn({ portal: portalId, room: roomId }, "it cannot be known whether a message was shown before the stop");
    const sentence =
      message.type === "notice"
        ? perhapsSaidBefore(message.text)
        : perhapsShown(members.name(message.from), roomId, wordsOf(message));
    batch(() => {
      if (journal.settle(id, "uncertain", "room-too-busy")) tellOwner(sentence);
    });
  }

  #giveUp(id: number, error: unknown): void {
    const { portalId, log, members, journal } = this.#options;
    log.error({ error, portal: portalId }, "a message could not be shown in its room");
    const reason = error instanceof MatrixError ? error.code : "internal";
    const status = error instanceof MatrixError ? error.status : undefined;
    const message = this.#read(id);
    switch (message?.type) {
      case "join":
      case "leave":
        // Nobody has said anything.
        journal.settle(id, "failed", reason);
        return;
      case "notice":
        return this.#settleUntold(id, reason, message.text);
      default:
        return this.#settleUntold(id, reason, notShown(members.name(message?.from), status));
    }
  }

  // What the row holds may be what is wrong with it.
  #read(id: number): PortalMessage | undefined {
    try {
      return portalMessage.parse(this.#options.journal.body(id));
    } catch {
      return undefined;
    }
  }

  // In one commit, so that no crash comes between what became of it and saying so.
  #settleUntold(id: number, reason: string, sentence: string): void {
    const { journal, batch, tellOwner } = this.#options;
    batch(() => {
      if (journal.settle(id, "failed", reason)) tellOwner(sentence);
    });
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
