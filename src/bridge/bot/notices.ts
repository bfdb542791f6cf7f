import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { NoticeEventTable } from "../../store/notice-events.ts";
import type { Answer, NoticeRow, NoticeTable } from "../../store/notices.ts";
import { Backoff } from "../../util/backoff.ts";
import { later, sleep, type Clock } from "../../util/clock.ts";
import { Drain } from "../../util/drain.ts";
import type { Log } from "../../util/log.ts";
import { settleAll } from "../../util/settle-all.ts";
import { lookBack, type Finding } from "../room/look-back.ts";
import { perhapsSaidBefore } from "../words/delivery.ts";
import { asEdit, toMatrix } from "../../convert/to-matrix.ts";

/** What a notice is about. What is said later about the same is an edit of what was said before. */
export interface Topic {
  readonly about: string;
  /** Nothing more will be said about it. */
  readonly isLast?: boolean;
  /** Reactions that the bot offers, each with the command that it stands for. */
  readonly answers?: readonly Answer[];
}

export interface NoticesOptions {
  readonly rows: NoticeTable;
  readonly events: NoticeEventTable;
  readonly bot: UserIntent;
  /**
   * The room for a notice: its own while nobody else is in it, else another in which its owner hears the bot, made if
   * there is none.
   * @throws MatrixError
   */
  readonly roomOf: (notice: NoticeRow) => Promise<string>;
  /** The newest room with somebody is of no use. */
  readonly forget: (owner: string) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const RETRY = { first: 1000, most: 60_000 };
const REST_MS = 10_000;
const REFUSALS = 4;
// For how long somebody who could not be told anything in any room is tried once only.
const GIVEN_UP_MS = 60 * 60_000;

/** What the bot says: on disk first, then said to each person in order, whatever happens to the homeserver meanwhile. */
export class Notices {
  readonly #options: NoticesOptions;
  readonly #drains = new Map<string, Drain>();
  /** Those whose oldest notice may have been said already, by an earlier run or a try whose answer was lost. */
  readonly #failures = new Map<string, Backoff>();
  /** How often a notice was refused for good, by its id. */
  readonly #refusals = new Map<number, number>();
  /** When something was given up, by whom it was for; milliseconds since the epoch. */
  readonly #givenUp = new Map<string, number>();

  constructor(options: NoticesOptions) {
    this.#options = options;
    for (const owner of options.rows.owners()) this.#failures.set(owner, new Backoff(RETRY));
  }

  /** Promises to say something, in a room or, without one, wherever she hears the bot. */
  add(
    owner: string,
    body: string,
    { roomId = null, replyTo = null }: { roomId?: string | null; replyTo?: string | null },
    topic?: Topic,
  ): void {
    const { about = null, isLast = false, answers = [] } = topic ?? {};
    this.#options.rows.add({ owner, roomId, replyTo, body, about, isLast, answers });
    this.#wake(owner);
  }

  /** Whether something to somebody is not said yet, or its answers are not offered. */
  isSpeaking(owner: string): boolean {
    return this.#options.rows.next(owner) !== undefined;
  }

  /** Says what an earlier run has promised. */
  resume(): void {
    for (const owner of this.#options.rows.owners()) this.#wake(owner);
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
    const { log, clock, signal } = this.#options;
    log.error({ error }, "the bot has to pause");
    later(clock, REST_MS, signal, () => this.#wake(owner));
  }

  async #next(owner: string): Promise<boolean> {
    const { rows, signal, clock } = this.#options;
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
    const { rows, log, forget, clock } = this.#options;
    const refusals = (this.#refusals.get(row.id) ?? 0) + 1;
    this.#refusals.set(row.id, refusals);
    log.warn({ error, owner: row.owner, refusals }, "the homeserver refused what the bot has to say");
    // What those who run the bridge should know is for their room only, and stands in the log.
    const isTheirs = row.owner === this.#options.bot.userId;
    const now = clock.now();
    const isHopeless = now - (this.#givenUp.get(row.owner) ?? -Infinity) < GIVEN_UP_MS;
    if (refusals < REFUSALS && !isTheirs && !isHopeless) {
      if (row.roomId !== null) rows.sayAnywhere(row.id);
      else if (error.code === "forbidden" || error.code === "not-found") forget(row.owner);
      return;
    }
    log.error({ owner: row.owner, notice: row.body }, "somebody could not be told something");
    this.#refusals.delete(row.id);
    if (!isHopeless) this.#givenUp.set(row.owner, now);
    rows.delete(row.id);
  }

  async #say(row: NoticeRow): Promise<void> {
    const { roomOf, events, rows, log } = this.#options;
    const { id, owner, about, isLast, answers } = row;
    const earlier = about === null ? undefined : events.find(about);
    const roomId = await roomOf(row);
    const replaces = earlier?.roomId === roomId ? earlier.eventId : undefined;
    const finding = await this.#lookFor(row, roomId);
    if (finding.type === "unknown") {
      log.warn(
        { room: roomId, notice: id },
        "it cannot be known whether a notice was said, so it is said again as such",
      );
      return rows.replace(row, perhapsSaidBefore(row.body));
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
    return lookBack(this.#options.bot, roomId, { key: txnId, since: created });
  }

  async #send(row: NoticeRow, roomId: string, replaces: string | undefined): Promise<string> {
    const { body, txnId } = row;
    const replyTo = roomId === row.roomId ? row.replyTo : null;
    const content = toMatrix({ type: "notice", text: body, ...(replyTo !== null && { replyTo }) }, txnId);
    return this.#options.bot.send(
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
        await this.#options.bot.send(roomId, "m.reaction", `${txnId}-${index}`, { "m.relates_to": relation });
      } catch (error) {
        if (!(error instanceof MatrixError) || error.retryable) throw error;
      }
    }
  }
}
