import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { EditTable } from "../../store/edits.ts";
import { bundledEdit, corrected, headOf, isEditOf, latestEdit, order } from "../../convert/event-edits.ts";

export interface EventsNowOptions {
  /** Who asks the homeserver. */
  readonly reader: UserIntent;
  /** What the journal knows of edits. */
  readonly edits: Pick<EditTable, "of">;
}

/** An event that may have been edited. */
export interface EventNow {
  readonly original: unknown;
  /** As it is with the edit that counts. */
  readonly now: unknown;
  /** The edit that counts. */
  readonly edit?: unknown;
}

// How many edits that only the journal knows are asked for, newest first.
const FROM_JOURNAL = 5;

/**
 * What events say now: as the homeserver bundles the edit that counts with them, else as it lists their edits, else by
 * what the journal has taken in, which may be ahead of the homeserver's index.
 */
export class EventsNow {
  readonly #options: EventsNowOptions;

  constructor(options: EventsNowOptions) {
    this.#options = options;
  }

  /** Undefined: there is no such event, or it cannot be read. @throws MatrixError that may pass */
  async read(roomId: string, eventId: string): Promise<EventNow | undefined> {
    const original = await this.#event(roomId, eventId);
    if (original === undefined) return undefined;
    const bundled = await this.#bundled(roomId, original);
    const known = bundled === undefined ? await this.#listed(roomId, original) : [bundled];
    const edit = latestEdit(original, [...known, ...(await this.#fromJournal(roomId, original, known, () => true))]);
    return edit === undefined ? { original, now: original } : { original, now: corrected(original, edit), edit };
  }

  /**
   * What an event said before an edit of it, as far as that was sent on.
   * @param isSent whether an edit that the journal knows was
   * @throws MatrixError that may pass
   */
  async before(
    roomId: string,
    original: unknown,
    edit: unknown,
    isSent: (eventId: string) => boolean = () => true,
  ): Promise<unknown> {
    const listed = await this.#listed(roomId, original);
    const isOther = (eventId: string): boolean => eventId !== headOf(edit)?.event_id && isSent(eventId);
    const known = [...listed, ...(await this.#fromJournal(roomId, original, listed, isOther))];
    const isEarlier = (one: unknown): boolean => isEditOf(one, original) && order(one, edit) < 0;
    const earlier = known.filter((one) => isEarlier(one) && isSent(headOf(one)?.event_id ?? ""));
    const last = latestEdit(original, earlier);
    return last === undefined ? original : corrected(original, last);
  }

  /** A whole event, as it was sent. @throws MatrixError that may pass */
  async #event(roomId: string, eventId: string): Promise<unknown> {
    return this.#options.reader.event(roomId, eventId).catch(unlessRetryable);
  }

  async #bundled(roomId: string, original: unknown): Promise<unknown> {
    const bundled = bundledEdit(original);
    if (bundled === undefined) return undefined;
    // Homeservers before Matrix 1.7 bundle nothing but the id.
    return isEditOf(bundled, original) ? { room_id: roomId, ...bundled } : this.#event(roomId, bundled.event_id);
  }

  async #listed(roomId: string, original: unknown): Promise<unknown[]> {
    const { event_id: eventId, type } = headOf(original) ?? {};
    if (eventId === undefined || type === undefined) return [];
    try {
      return await this.#options.reader.replacements(roomId, eventId, type);
    } catch (error) {
      // Not every homeserver, or proxy before it, knows this request: what it would say is done without.
      if (error instanceof MatrixError) return [];
      throw error;
    }
  }

  /** The newest edit that the journal knows and the homeserver has not told of. */
  async #fromJournal(
    roomId: string,
    original: unknown,
    known: readonly unknown[],
    isWanted: (eventId: string) => boolean,
  ): Promise<unknown[]> {
    const told = new Set(known.map((edit) => headOf(edit)?.event_id));
    for (const { eventId } of this.#options.edits.of(headOf(original)?.event_id ?? "").slice(0, FROM_JOURNAL)) {
      if (told.has(eventId)) return [];
      if (!isWanted(eventId)) continue;
      const edit = await this.#event(roomId, eventId);
      if (isEditOf(edit, original)) return [edit];
    }
    return [];
  }
}

/** What has been refused for good is not there: the reader may not be in that room any more. */
export function unlessRetryable(error: unknown): undefined {
  if (error instanceof MatrixError && !error.retryable) return undefined;
  throw error;
}
