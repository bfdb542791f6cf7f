import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import type { Delivery, OutgoingContent } from "../msn/index.ts";
import type { Journal } from "../store/journal.ts";
import type { PortalRow } from "../store/portals.ts";
import { Backoff } from "../util/backoff.ts";
import { sleep, type Clock } from "../util/clock.ts";
import { Drain } from "../util/drain.ts";
import type { Log } from "../util/log.ts";
import { maybeDelivered, notDelivered, partlyDelivered } from "./sentences.ts";
import { keyOf, portalMessage, toMatrix, type PortalMessage } from "./to-matrix.ts";
import { toMsn } from "./to-msn.ts";

/** The room of a portal, and whether it was made just now. */
export interface OpenRoom {
  readonly roomId: string;
  readonly isNew: boolean;
}

/** What a portal needs of its login and its ghost. */
export interface PortalOptions {
  readonly row: PortalRow;
  readonly journal: Journal;
  readonly ghost: UserIntent;
  /** The name that people know the contact by, for sentences. */
  readonly name: () => string;
  /** Gives the portal its room, made if there is none. */
  readonly room: () => Promise<OpenRoom>;
  /** Says something to the contact; `onWrite` is called before the first byte is written. */
  readonly say: (content: OutgoingContent, onWrite: () => void) => Promise<Delivery>;
  /** Tells the owner, outside this portal, about something that could not be shown in it. */
  readonly tellOwner: (sentence: string) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const RETRY = { first: 1000, most: 60_000 };
// How far back a message that may have been sent before a crash is looked for.
const LATEST_EVENTS = 50;

/** One conversation and its room. Both directions keep their order by working off the journal row by row. */
export class Portal {
  readonly #options: PortalOptions;
  readonly #toMatrix: Drain;
  readonly #toMsn: Drain;
  readonly #receipts: Drain;
  readonly #backoff = new Backoff(RETRY);
  #opening: Promise<OpenRoom> | undefined;
  /** The newest event that was delivered and has no receipt yet; a receipt counts for everything before it too. */
  #unreceipted: { roomId: string; eventId: string } | undefined;

  constructor(options: PortalOptions) {
    this.#options = options;
    const onError = (error: unknown): void => options.log.error({ error, portal: options.row.id }, "a portal stopped");
    this.#toMatrix = new Drain(() => this.#showNext(), onError);
    this.#toMsn = new Drain(() => this.#deliverNext(), onError);
    this.#receipts = new Drain(
      () => this.#sendReceipt(),
      (error) => options.log.debug({ error }, "a receipt was not sent"),
    );
  }

  /** The contact said something, or the bridge has something to say in the room: promised from here on. */
  show(message: PortalMessage): void {
    this.#options.journal.acceptMessage(this.#options.row.id, message);
    this.#toMatrix.wake();
  }

  /** Gives the portal its room, if it has none yet. @throws MatrixError */
  async open(): Promise<OpenRoom> {
    // Merged, so that two who need the room at the same time never have two made.
    this.#opening ??= this.#options.room().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** The journal holds an event of the owner for this portal. */
  deliver(rowId: number): void {
    this.#options.journal.assign(rowId, this.#options.row.id);
    this.#toMsn.wake();
  }

  /** The journal holds an event of the owner that must not cross; she is told why. */
  refuse(rowId: number, sentence: string): void {
    this.#options.journal.assign(rowId, this.#options.row.id);
    this.#settle(rowId, "failed", "refused", sentence);
  }

  /** Works off what an earlier run of the bridge left in the journal. */
  resume(): void {
    this.#toMatrix.wake();
    this.#toMsn.wake();
  }

  /** Ends what is under way and starts nothing more; the rest stays in the journal. */
  async stop(): Promise<void> {
    await Promise.all([this.#toMatrix.stop(), this.#toMsn.stop(), this.#receipts.stop()]);
  }

  async #showNext(): Promise<boolean> {
    const { journal, row, signal, clock, log } = this.#options;
    const id = journal.next("to-matrix", row.id);
    if (id === undefined) return false;
    try {
      await this.#show(id);
      this.#backoff.reset();
    } catch (error) {
      if (signal.aborted) return false;
      if (error instanceof MatrixError && error.retryable) {
        const delay = Math.max(this.#backoff.next(), error.retryAfterMs ?? 0);
        log.warn({ error: error.message, portal: row.id, delay }, "a message waits for the homeserver");
        await sleep(clock, delay, signal);
        return !signal.aborted;
      }
      this.#giveUp(id, error);
    }
    return true;
  }

  async #show(id: number): Promise<void> {
    const { journal, ghost } = this.#options;
    const { txnId, state } = journal.get(id);
    if (txnId === null) throw new Error(`journal row ${id} goes to Matrix without a transaction id`);
    const content = toMatrix(portalMessage.parse(journal.body(id)), txnId);
    const { roomId } = await this.open();
    // Homeservers forget transaction ids when they restart, so a second try is made only after looking.
    if (state === "sending" && (await this.#isShown(roomId, txnId))) {
      journal.settle(id, "delivered");
      return;
    }
    // It may have come back from the homeserver while we looked.
    if (!journal.isOpen(id)) return;
    journal.markSending(id);
    try {
      await ghost.send(roomId, "m.room.message", txnId, content);
    } catch (error) {
      if (!(error instanceof MatrixError && error.code === "forbidden")) throw error;
      await ghost.join(roomId);
      await ghost.send(roomId, "m.room.message", txnId, content);
    }
    journal.settle(id, "delivered");
  }

  async #isShown(roomId: string, key: string): Promise<boolean> {
    const events = await this.#options.ghost.latestEvents(roomId, LATEST_EVENTS);
    return events.some((event) => keyOf(event) === key);
  }

  #giveUp(id: number, error: unknown): void {
    const { journal, row, log, name, tellOwner } = this.#options;
    log.error({ error, portal: row.id }, "a message could not be shown in its room");
    journal.settle(id, "failed", error instanceof MatrixError ? error.code : "internal");
    tellOwner(
      `A message from ${name()} could not be shown in its room: the homeserver refused it. Ask ${name()} to send it again.`,
    );
  }

  async #deliverNext(): Promise<boolean> {
    const { journal, row, log, signal } = this.#options;
    const id = journal.next("to-msn", row.id);
    if (id === undefined) return false;
    try {
      await this.#deliver(id);
    } catch (error) {
      log.error({ error, portal: row.id }, "a message could not be sent");
      this.#settle(
        id,
        "failed",
        "internal",
        "Your message was not delivered: something in the bridge broke. Send it again.",
      );
    }
    return !signal.aborted;
  }

  async #deliver(id: number): Promise<void> {
    const { journal, name } = this.#options;
    // A row that an earlier run was sending when it died: its bytes may have gone out.
    if (journal.get(id).state === "sending") {
      this.#settle(id, "uncertain", "interrupted", maybeDelivered(name()));
      return;
    }
    const crossing = toMsn(journal.body(id));
    if (crossing.type === "ignore") return void journal.settle(id, "skipped");
    if (crossing.type === "refuse") return this.#settle(id, "failed", "unsupported", crossing.sentence);
    for (const [index, content] of crossing.contents.entries()) {
      const delivery = await this.#say(id, content);
      if (delivery === undefined) return;
      if (delivery.state !== "delivered") {
        const sentence = index === 0 ? notDelivered(delivery, name()) : partlyDelivered(name());
        return this.#settle(id, delivery.state, delivery.error.code, sentence);
      }
    }
    this.#delivered(id);
  }

  /** Undefined: the bridge stops and nothing of the row has been written, so that the next run sends it. */
  async #say(id: number, content: OutgoingContent): Promise<Delivery | undefined> {
    const { journal, say, signal } = this.#options;
    const isUnwritten = (): boolean => journal.get(id).state === "accepted";
    const saying = say(content, () => {
      signal.throwIfAborted();
      journal.markSending(id);
    });
    const stopped = Promise.withResolvers<undefined>();
    const onAbort = (): void => {
      if (isUnwritten()) stopped.resolve(undefined);
    };
    signal.addEventListener("abort", onAbort);
    try {
      const delivery = await Promise.race([saying, stopped.promise]);
      return signal.aborted && isUnwritten() ? undefined : delivery;
    } catch (error) {
      if (signal.aborted && isUnwritten()) return undefined;
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
      // Given up: it ends with the session, and what it says then is of no use.
      saying.catch(() => undefined);
    }
  }

  #delivered(id: number): void {
    const { journal } = this.#options;
    const { roomId, eventId } = journal.get(id);
    journal.settle(id, "delivered");
    if (roomId === null || eventId === null) return;
    this.#unreceipted = { roomId, eventId };
    this.#receipts.wake();
  }

  #settle(id: number, state: "failed" | "uncertain", reason: string, sentence: string): void {
    const { journal } = this.#options;
    const { eventId } = journal.get(id);
    journal.settle(id, state, reason);
    this.show({ type: "notice", text: sentence, ...(eventId !== null && { replyTo: eventId }) });
  }

  // The contact's receipt says "delivered".
  async #sendReceipt(): Promise<boolean> {
    const next = this.#unreceipted;
    if (next === undefined) return false;
    this.#unreceipted = undefined;
    await this.#options.ghost.readReceipt(next.roomId, next.eventId);
    return true;
  }
}
