import { MatrixError, unlessRefused } from "../../matrix/client/errors.ts";
import type { NoticeRow } from "../../store/notices.ts";
import { JournalWorker, type Job } from "../base/journal-worker.ts";
import type { CoreScope } from "../base/scope.ts";
import { lookBack, type Finding } from "../room/look-back.ts";
import { perhapsSaidBefore } from "../words/delivery.ts";
import { asEdit, toMatrix } from "../../convert/to-matrix.ts";
import type { ManagementRooms } from "./management-rooms.ts";

const REFUSALS = 4;
// For how long a user who could not be told anything in any room is tried once only.
const GIVEN_UP_MS = 60 * 60_000;

/** What the bot has to say to one user, in order. */
export class NoticeQueue implements Job<NoticeRow> {
  readonly name = "what the bot has to say";
  readonly #scope: CoreScope;
  readonly #rooms: ManagementRooms;
  readonly #owner: string;
  readonly #worker: JournalWorker<NoticeRow>;
  /** Whether the oldest notice may have been said by an earlier run. */
  #isLeft: boolean;
  /** How often the oldest notice was refused for good. */
  #refusals = 0;
  /** When something was given up. */
  #givenUpAt = -Infinity;

  constructor(scope: CoreScope, rooms: ManagementRooms, owner: string, isLeft: boolean) {
    this.#scope = scope;
    this.#rooms = rooms;
    this.#owner = owner;
    this.#isLeft = isLeft;
    this.#worker = new JournalWorker(scope, this);
  }

  wake(): void {
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  next(): NoticeRow | undefined {
    return this.#scope.store.notices.next(this.#owner);
  }

  async work(row: NoticeRow, failures: number): Promise<void> {
    // Whatever went wrong at an earlier try, it may have been said.
    await this.#say(row, this.#isLeft || failures > 0);
    this.#givenUpAt = -Infinity;
    this.#scope.store.notices.delete(row.id);
    this.#isLeft = false;
    this.#refusals = 0;
  }

  // Said elsewhere, if that room does not take it; given up only if no room does.
  giveUp(row: NoticeRow, error: unknown): boolean {
    const { store, log, clock, bot } = this.#scope;
    const owner = this.#owner;
    this.#refusals += 1;
    log.warn({ error, owner, refusals: this.#refusals }, "the homeserver refused what the bot has to say");
    // What the admins should know is for their room only, and is in the log.
    const isTheirs = owner === bot.userId;
    const now = clock.now();
    const isHopeless = now - this.#givenUpAt < GIVEN_UP_MS;
    if (this.#refusals < REFUSALS && !isTheirs && !isHopeless) {
      const isClosed = error instanceof MatrixError && (error.code === "forbidden" || error.code === "not-found");
      if (row.roomId !== null) store.notices.sayAnywhere(row.id);
      else if (isClosed) this.#rooms.deleteNewest(owner);
      return true;
    }
    log.error({ owner, notice: row.body }, "a user could not be told something");
    if (!isHopeless) this.#givenUpAt = now;
    store.notices.delete(row.id);
    this.#isLeft = false;
    this.#refusals = 0;
    return false;
  }

  async #say(row: NoticeRow, mayBeSaid: boolean): Promise<void> {
    const { log, store } = this.#scope;
    const { noticeEvents: events } = store;
    const { id, owner, about, isLast, answers } = row;
    const earlier = about === null ? undefined : events.find(about);
    const roomId = await this.#rooms.roomFor(row);
    const replaces = earlier?.roomId === roomId ? earlier.eventId : undefined;
    const finding = await this.#lookFor(row, roomId, mayBeSaid);
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
  async #lookFor({ txnId, created }: NoticeRow, roomId: string, mayBeSaid: boolean): Promise<Finding> {
    if (!mayBeSaid) return { type: "absent" };
    return lookBack(this.#scope.calendar, this.#scope.bot, roomId, { key: txnId, since: created });
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
      const content = { "m.relates_to": relation };
      await this.#scope.bot.send(roomId, "m.reaction", `${txnId}-${index}`, content).catch(unlessRefused);
    }
  }
}
