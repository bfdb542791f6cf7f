import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import type { NoticeRow, Notices as NoticeRows } from "../store/notices.ts";
import { Backoff } from "../util/backoff.ts";
import { later, sleep, type Clock } from "../util/clock.ts";
import { Drain } from "../util/drain.ts";
import type { Log } from "../util/log.ts";
import { keyOf, toMatrix } from "./to-matrix.ts";

export interface NoticesOptions {
  readonly rows: NoticeRows;
  readonly bot: UserIntent;
  /** The room in which somebody hears the bot, made if there is none. @throws MatrixError */
  readonly roomOf: (owner: string, noticeId: number) => Promise<string>;
  /** The newest room with somebody is of no use. */
  readonly forget: (owner: string) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const RETRY = { first: 1000, most: 60_000 };
const REST_MS = 10_000;
const LATEST_EVENTS = 20;
const REFUSALS = 4;

/** What the bot says: on disk first, then said to each person in order, whatever happens to the homeserver meanwhile. */
export class Notices {
  readonly #options: NoticesOptions;
  readonly #drains = new Map<string, Drain>();
  /** Those whose oldest notice may have been said already, by an earlier run or a try whose answer was lost. */
  readonly #failures = new Map<string, Backoff>();
  /** How often a notice was refused for good, by its id. */
  readonly #refusals = new Map<number, number>();

  constructor(options: NoticesOptions) {
    this.#options = options;
    for (const owner of options.rows.owners()) this.#failures.set(owner, new Backoff(RETRY));
  }

  /** Promises to say something, in a room or, without one, wherever she hears the bot. */
  add(
    owner: string,
    body: string,
    { roomId = null, replyTo = null }: { roomId?: string | null; replyTo?: string | null },
  ): void {
    this.#options.rows.add({ owner, roomId, replyTo, body });
    this.#wake(owner);
  }

  /** Says what an earlier run has promised. */
  resume(): void {
    for (const owner of this.#options.rows.owners()) this.#wake(owner);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#drains.values()].map((drain) => drain.stop()));
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
      this.#failures.delete(owner);
      rows.delete(row.id);
    } catch (error) {
      // The disk, most likely: the drain rests and comes back.
      if (!(error instanceof MatrixError)) throw error;
      const backoff = this.#failures.get(owner) ?? new Backoff(RETRY);
      this.#failures.set(owner, backoff);
      if (!error.retryable && !signal.aborted) this.#refused(row, error);
      await sleep(clock, Math.max(backoff.next(), error.retryAfterMs ?? 0), signal);
    }
    return !signal.aborted;
  }

  // Said elsewhere, if that room does not take it; given up only if no room does.
  #refused(row: NoticeRow, error: MatrixError): void {
    const { rows, log, forget } = this.#options;
    const refusals = (this.#refusals.get(row.id) ?? 0) + 1;
    this.#refusals.set(row.id, refusals);
    log.warn({ error, owner: row.owner, refusals }, "the homeserver refused what the bot has to say");
    if (refusals < REFUSALS) {
      if (row.roomId !== null) rows.sayAnywhere(row.id);
      else if (error.code === "forbidden" || error.code === "not-found") forget(row.owner);
      return;
    }
    log.error({ owner: row.owner, notice: row.body }, "somebody could not be told something");
    this.#refusals.delete(row.id);
    rows.delete(row.id);
  }

  async #say({ id, owner, roomId, replyTo, body, txnId }: NoticeRow): Promise<void> {
    const { bot, roomOf } = this.#options;
    const room = roomId ?? (await roomOf(owner, id));
    if (this.#failures.has(owner)) {
      const events = await bot.latestEvents(room, LATEST_EVENTS);
      if (events.some((event) => keyOf(event) === txnId)) return;
    }
    const content = toMatrix({ type: "notice", text: body, ...(replyTo !== null && { replyTo }) }, txnId);
    await bot.send(room, "m.room.message", txnId, content);
  }
}
