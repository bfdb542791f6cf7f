import { MatrixError } from "../../matrix/client/errors.ts";
import type { OpenRow } from "../../store/journal-row.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { Timer } from "../../util/clock.ts";
import { JournalWorker, type Job } from "../base/journal-worker.ts";
import type { RoomTimeline } from "../room/portal-room.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import { notShown, perhapsSaidBefore, perhapsShown } from "../words/delivery.ts";
import { portalMessage, type ShownMessage } from "../../convert/to-matrix.ts";
import { DeclinedRooms } from "./declined-rooms.ts";
import { ReadRows, type ReadRowsListener } from "./read-rows.ts";
import { RoomWriter } from "./room-writer.ts";
import { readMessage, wordsOf } from "./row-message.ts";
import { SentRows } from "./sent-rows.ts";
import type { PortalTyping } from "./typing.ts";

// How long the homeserver may take to give an event back before it is asked who is in the room.
const ECHO_MS = 1000;
// How many rows may be in the room without being settled: after a crash each of them is looked for.
const MOST_SENT = 20;

const BARRED = new MatrixError("forbidden", "a ghost cannot be in the room of its group");

/** What is to be done next. */
type Step =
  | { readonly type: "show"; readonly row: OpenRow }
  /** Rows are known to be read. */
  | { readonly type: "settle" }
  /** The homeserver is asked whether its owner is in the room of a row. */
  | { readonly type: "ask"; readonly row: OpenRow; readonly roomId: string };

/**
 * From the journal into the room of a portal, row by row, in order, with one request a message and two commits, each
 * shared with whatever else is written then: one when it is accepted, one when it is settled.
 *
 * The problem: the homeserver's answer to a message says that it is in the room, not that its owner is. A user who has left
 * the room a moment before must see the same words in the next one, and asking after each message costs a request.
 *
 * ```
 *   accepted ──PUT──► sent ──given back, no leave before it──► delivered
 *      ▲               │  │
 *      │               │  └─ not given back for a second, or nothing known of the owner: asked ─ in the room ─► delivered
 *      └───────────────┴─ the owner's leave comes first, or the answer says so: the room is lost
 * ```
 *
 * - The homeserver gives our own events back in its transactions, in the order of the room. What comes back before the
 *   owner's leave was said while they were there or invited. Until then the row stays open on disk with its words, so that
 *   neither a crash nor a leave that is on its way loses them; what is behind it does not wait.
 * - Of a room that was found on disk, or has just been made, nothing is known: its owner may have left before its events
 *   counted for the portal. So the homeserver is asked once, after the first message. It is asked too where it gives
 *   events back late or never.
 * - Rows are sent one after the other and under transaction ids that never change. What may have been sent, by an earlier
 *   run or a try whose answer was lost, is looked for in the room first (`look-back`): after a start the oldest rows, until
 *   one is not there; after a failure the row that failed.
 * - One new room for an owner who has left is a service; another one for an owner who declines it is not. What is said then
 *   waits for an hour, or until they open a room.
 *
 * No row may be settled as delivered that its owner could not read, none may be sent twice into the same room, and none may
 * overtake another.
 */
export class MatrixDelivery implements Job<Step>, RoomTimeline, ReadRowsListener {
  readonly name: string;
  readonly #scope: PortalScope;
  readonly #typing: PortalTyping;
  readonly #worker: JournalWorker<Step>;
  readonly #writer: RoomWriter;
  readonly #declined: DeclinedRooms;
  readonly #sent = new SentRows();
  readonly #read: ReadRows;
  /** How many of the oldest rows that are not known to be sent may have been: at first those that an earlier run left. */
  #perhapsSent: number;
  #echoTimer: Timer | undefined;
  #isEchoLate = false;
  /** The row for which a room was given up. */
  #lostFor: number | undefined;

  constructor(scope: PortalScope, typing: PortalTyping) {
    this.#scope = scope;
    this.#typing = typing;
    this.#writer = new RoomWriter(scope);
    this.name = `messages of portal ${scope.portalId} to Matrix`;
    this.#worker = new JournalWorker(scope, this);
    this.#read = new ReadRows(scope, this.#sent, this);
    this.#declined = new DeclinedRooms(scope, this);
    this.#perhapsSent = Math.min(MOST_SENT + 1, scope.store.journal.count("to-matrix", scope.portalId));
    scope.room.attach(this);
  }

  wake(): void {
    this.#worker.wake();
  }

  /** The homeserver gives back an event of ours. To be called in the order of the room, with its other events. */
  echoed(roomId: string, txnId: string): void {
    if (!this.#scope.room.membership.isOwnerKnown(roomId)) return;
    this.#sent.echoed(roomId, txnId);
    this.#worker.wake();
  }

  roomLost(roomId: string): void {
    this.#sendAgain(roomId);
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
    this.#echoTimer?.cancel();
    // What is not settled now is looked for by the next run.
    await this.#settleLast().catch((error: unknown) =>
      this.#scope.log.debug({ error, portal: this.#scope.portalId }, "the last messages are left for the next run"),
    );
  }

  next(): Step | undefined {
    const { store, portalId, room } = this.#scope;
    const { unread, size, newest } = this.#sent;
    if (this.#sent.read.length > 0) return { type: "settle" };
    if (unread !== undefined && (this.#isEchoLate || !room.membership.isOwnerKnown(unread.roomId)))
      return { type: "ask", ...unread };
    if (!this.#mayShow(room.row) || size >= MOST_SENT) return undefined;
    const row = store.journal.next("to-matrix", portalId, newest);
    return row && { type: "show", row };
  }

  async work(step: Step): Promise<void> {
    switch (step.type) {
      case "settle":
        return this.#settleRead();
      case "ask":
        return this.#ask(step.roomId);
      case "show":
        return this.#tryToShow(step.row);
    }
  }

  giveUp(step: Step, error: unknown): boolean {
    const { portalId: portal, log } = this.#scope;
    if (step.type === "ask") {
      // The rows are in the room, and nothing says that their owner is not.
      log.error({ error, portal, room: step.roomId }, "the homeserver does not say who is in a room");
      this.#sent.answered(step.roomId);
      return false;
    }
    log.error({ error, portal }, "a message could not be shown in its room");
    const rows = step.type === "settle" ? this.#sent.read : [step.row];
    for (const row of rows) this.#fail(row, error);
    this.#sent.remove(rows);
    return false;
  }

  async #tryToShow(row: OpenRow): Promise<void> {
    const before = this.#perhapsSent;
    this.#perhapsSent = Math.max(0, before - 1);
    try {
      await this.#show(row, before > 0);
    } catch (error) {
      this.#sent.failed();
      this.#perhapsSent = Math.max(1, before);
      throw error;
    }
  }

  /** Settles the row, has it sent, or leaves it open if the room turned out to be of no use. */
  async #show(row: OpenRow, mayBeSent: boolean): Promise<void> {
    const { id, txnId, created, body } = row;
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
      // A notice is no reason to invite an owner who has left.
      store.batch(() => {
        const { gathered, text } = message;
        notices.tell(login.owner, text, gathered === undefined ? undefined : { about: `gathered/${gathered}` });
        journal.settle(id, "delivered", "told elsewhere");
      });
      return;
    }
    if (message.type !== "notice") this.#typing.end(message.from);
    const { roomId } = await room.ensure();
    this.#sent.begin(row, roomId);
    const outcome = await this.#writer.write(roomId, message, { txnId, since: created, mayBeSent });
    // Rows are sent in order.
    if (outcome === "sent") this.#perhapsSent = 0;
    if (outcome === "sent" || outcome === "found") {
      if (this.#sent.arrived() && this.#echoTimer === undefined) this.#awaitEcho();
      return;
    }
    if (outcome === "unknown") this.#settleUnknown(id, roomId, message);
    // In a second room too: nobody declines it, but this ghost cannot be in any, and others wait behind it.
    else if (room.roomId === roomId && this.#lostFor === id && this.#isGuest(message)) this.#fail(row, BARRED);
    else room.lose(roomId);
    this.#sent.failed();
  }

  /** Whether there is a room, or may be one now. */
  #mayShow({ roomId, standing }: PortalRow): boolean {
    if (roomId !== null) return true;
    // What strangers say beyond their budget of rooms waits for the owner (`from-msn/strangers`).
    return standing !== "held" && standing !== "ignored" && !this.#declined.isPaused;
  }

  /** Whether another than the room's main user says it. */
  #isGuest(message: ShownMessage): boolean {
    const { members } = this.#scope;
    return message.type !== "notice" && members.intentOf(message.from).userId !== members.mainIntent.userId;
  }

  /** Waits for the oldest row that is not known to be read to be given back. */
  #awaitEcho(): void {
    this.#echoTimer?.cancel();
    this.#echoTimer = undefined;
    this.#isEchoLate = false;
    if (this.#sent.unread === undefined) return;
    this.#echoTimer = this.#scope.clock.after(ECHO_MS, () => {
      this.#isEchoLate = true;
      this.#worker.wake();
    });
  }

  async #settleRead(): Promise<void> {
    await this.#read.settle();
    this.#awaitEcho();
  }

  async #ask(roomId: string): Promise<void> {
    const { room } = this.#scope;
    if (await room.membership.isRead(roomId)) {
      this.#sent.answered(roomId);
      return this.#settleRead();
    }
    room.lose(roomId);
    // Where the portal had another room already, nobody has said that this one is lost.
    this.#sendAgain(roomId);
  }

  async #settleLast(): Promise<void> {
    const { unread } = this.#sent;
    if (unread !== undefined && (await this.#scope.room.membership.isRead(unread.roomId)))
      this.#sent.answered(unread.roomId);
    await this.#read.settleNow();
    this.#echoTimer?.cancel();
  }

  /** What is not known to be read in a room goes to the next one. */
  #sendAgain(roomId: string): void {
    const rows = this.#sent.lost(roomId);
    const [oldest] = rows;
    if (oldest === undefined) return;
    // If the disk does not take that the room is lost, they are sent to the same one.
    this.#perhapsSent = Math.max(this.#perhapsSent, rows.length);
    if (this.#lostFor === oldest.id) this.#declined.pause();
    this.#lostFor = oldest.id;
    this.#awaitEcho();
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

  #fail({ id, body }: OpenRow, error: unknown): void {
    const { members, store } = this.#scope;
    const reason = error instanceof MatrixError ? error.code : "internal";
    const status = error instanceof MatrixError ? error.status : undefined;
    const message = readMessage(body);
    switch (message?.type) {
      case "join":
      case "leave":
        // Nobody has said anything.
        store.journal.settle(id, "failed", reason);
        return;
      case "notice":
        return this.#settleUntold(id, reason, message.text);
      default:
        this.#settleUntold(id, reason, notShown(members.name(message?.from), status));
    }
  }

  // In one commit, so that no crash comes between what became of it and saying so.
  #settleUntold(id: number, reason: string, sentence: string): void {
    const { store, notices, row: login } = this.#scope;
    store.batch(() => {
      if (store.journal.settle(id, "failed", reason)) notices.tell(login.owner, sentence);
    });
  }
}
