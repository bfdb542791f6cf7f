import { MatrixError } from "../../matrix/client/errors.ts";
import type { NoticeRow } from "../../store/notices.ts";
import { Backoff } from "../../util/backoff.ts";
import { later, sleep } from "../../util/clock.ts";
import { Drain } from "../../util/drain.ts";
import { settleAll } from "../../util/settle-all.ts";
import type { OwnerNotices, Topic } from "../base/owner-notices.ts";
import type { CoreScope } from "../base/scope.ts";
import { lookBack, type Finding } from "../room/look-back.ts";
import { perhapsSaidBefore } from "../words/delivery.ts";
import { bareKey } from "../../convert/text/relations.ts";
import { asEdit, toMatrix } from "../../convert/to-matrix.ts";
import type { ManagementRooms } from "./management-rooms.ts";

const RETRY = { first: 1000, most: 60_000 };
const REST_MS = 10_000;
const REFUSALS = 4;
// For how long somebody who could not be told anything in any room is tried once only.
const GIVEN_UP_MS = 60 * 60_000;

/** What the bot says: on disk first, then said to each user in order, whatever happens to the homeserver meanwhile. */
export class Notices implements OwnerNotices {
  readonly #scope: CoreScope;
  readonly #rooms: ManagementRooms;
  readonly #drains = new Map<string, Drain>();
  /** Those whose oldest notice may have been said already, by an earlier run or a try whose answer was lost. */
  readonly #failures = new Map<string, Backoff>();
  /** How often a notice was refused for good, by its id. */
  readonly #refusals = new Map<number, number>();
  /** When something was given up, by whom it was for; milliseconds since the epoch. */
  readonly #givenUp = new Map<string, number>();

  constructor(scope: CoreScope, rooms: ManagementRooms) {
    this.#scope = scope;
    this.#rooms = rooms;
    for (const owner of scope.store.notices.owners()) this.#failures.set(owner, new Backoff(RETRY));
  }

  /** Tells a user something wherever they hear the bot; promised once this returns. */
  tell(owner: string, body: string, topic?: Topic): void {
    const { about = null, isLast = false, answers = [] } = topic ?? {};
    this.#scope.store.notices.add({ owner, roomId: null, replyTo: null, body, about, isLast, answers });
    this.#wake(owner);
  }

  /** Says something to a user in a room of theirs; promised once this returns. */
  say(owner: string, roomId: string, body: string, replyTo: string | null = null): void {
    this.#scope.store.notices.add({ owner, roomId, replyTo, body, about: null, isLast: false, answers: [] });
    this.#wake(owner);
  }

  hasTold(about: string): boolean {
    const { notices, noticeEvents } = this.#scope.store;
    return notices.leavesOpen(about) ?? noticeEvents.find(about) !== undefined;
  }

  /** The command that a reaction of a user to a notice stands for. */
  commandOf(owner: string, eventId: string, reaction: string): string | undefined {
    const row = this.#scope.store.noticeEvents.findByEvent(eventId);
    if (row?.owner !== owner) return undefined;
    return row.answers.find(([key]) => bareKey(key) === bareKey(reaction))?.[1];
  }

  /** Whether something to a user is not said yet, or its answers are not offered. */
  isSpeaking(owner: string): boolean {
    return this.#scope.store.notices.next(owner) !== undefined;
  }

  /** Says what an earlier run has promised. */
  resume(): void {
    for (const owner of this.#scope.store.notices.owners()) this.#wake(owner);
  }

  async stop(): Promise<void> {
    await settleAll([...this.#drains.values()].map((drain) => drain.stop()));
  }

  #wake(owner: string): void {
    const drain =
      this.#drains.get(owner) ??
      new Drain(
        () => this.#next(owner),
        (error) => this.#rest(owner, error),
      );
    this.#drains.set(owner, drain);
    drain.wake();
  }

  #rest(owner: string, error: unknown): void {
    const { log, clock, signal } = this.#scope;
    log.error({ error }, "the bot has to pause");
    later(clock, REST_MS, signal, () => this.#wake(owner));
  }

  async #next(owner: string): Promise<boolean> {
    const { store, signal, clock } = this.#scope;
    const { notices: rows } = store;
    const row = rows.next(owner);
    if (row === undefined) return false;
    try {
      await this.#say(row);
      this.#givenUp.delete(owner);
      rows.delete(row.id);
      this.#failures.delete(owner);
    } catch (error) {
      const backoff = this.#failures.get(owner) ?? new Backoff(RETRY);
      // Whatever went wrong, it may have been said.
      this.#failures.set(owner, backoff);
      // The disk, most likely: the drain rests and comes back.
      if (!(error instanceof MatrixError)) throw error;
      if (!error.retryable && !signal.aborted) this.#refused(row, error);
      await sleep(clock, Math.max(backoff.next(), error.retryAfterMs ?? 0), signal);
    }
    return !signal.aborted;
  }

  // Said elsewhere, if that room does not take it; given up only if no room does.
  #refused(row: NoticeRow, error: MatrixError): void {
    const { store, log, clock, bot } = this.#scope;
    const { notices: rows } = store;
    const refusals = (this.#refusals.get(row.id) ?? 0) + 1;
    this.#refusals.set(row.id, refusals);
    log.warn({ error, owner: row.owner, refusals }, "the homeserver refused what the bot has to say");
    // What the admins should know is for their room only, and stands in the log.
    const isTheirs = row.owner === bot.userId;
    const now = clock.now();
    const isHopeless = now - (this.#givenUp.get(row.owner) ?? -Infinity) < GIVEN_UP_MS;
    if (refusals < REFUSALS && !isTheirs && !isHopeless) {
      if (row.roomId !== null) rows.sayAnywhere(row.id);
      else if (error.code === "forbidden" || error.code === "not-found") this.#rooms.deleteNewest(row.owner);
      return;
    }
    log.error({ owner: row.owner, notice: row.body }, "somebody could not be told something");
    this.#refusals.delete(row.id);
    if (!isHopeless) this.#givenUp.set(row.owner, now);
    rows.delete(row.id);
  }

  async #say(row: NoticeRow): Promise<void> {
    const { log, store } = this.#scope;
    const { noticeEvents: events } = store;
    const { id, owner, about, isLast, answers } = row;
    const earlier = about === null ? undefined : events.find(about);
    const roomId = await this.#rooms.roomFor(row);
    const replaces = earlier?.roomId === roomId ? earlier.eventId : undefined;
    const finding = await this.#lookFor(row, roomId);
    if (finding.type === "unknown") {
      log.warn(
        { room: roomId, notice: id },
        "it cannot be known whether a notice was said, so it is said again as such",
      );
      return store.notices.replace(row, perhapsSaidBefore(row.body));
    }
    const eventId = finding.type === "found" ? finding.eventId : await this.#send(row, roomId, replaces);
    if (about === null) return;
    // Before the answers are offered: people click at once.
    if (isLast) events.delete(about);
    else events.save({ about, owner, roomId, eventId: replaces ?? eventId, answers });
    if (replaces === undefined) await this.#offer(row, roomId, eventId);
  }

  /** Where it is, if it may have been sent before. */
  async #lookFor({ owner, txnId, created }: NoticeRow, roomId: string): Promise<Finding> {
    if (!this.#failures.has(owner)) return { type: "absent" };
    return lookBack(this.#scope.bot, roomId, { key: txnId, since: created });
  }

  async #send(row: NoticeRow, roomId: string, replaces: string | undefined): Promise<string> {
    const { body, txnId } = row;
    const replyTo = roomId === row.roomId ? row.replyTo : null;
    const content = toMatrix({ type: "notice", text: body, ...(replyTo !== null && { replyTo }) }, txnId);
    return this.#scope.bot.send(
      roomId,
      "m.room.message",
      txnId,
      replaces === undefined ? content : asEdit(content, replaces),
    );
  }

  // So that people need only click. They can type as well, so it is no matter if the homeserver refuses it, as it does
  // when the same was offered before.
  async #offer({ answers, txnId }: NoticeRow, roomId: string, eventId: string): Promise<void> {
    for (const [index, [key]] of answers.entries()) {
      const relation = { rel_type: "m.annotation", event_id: eventId, key };
      try {
        await this.#scope.bot.send(roomId, "m.reaction", `${txnId}-${index}`, { "m.relates_to": relation });
      } catch (error) {
        if (!(error instanceof MatrixError) || error.retryable) throw error;
      }
    }
  }
}
