import { MatrixError, unlessRefused } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { EditTable } from "../../store/edits.ts";
import { bundledEdit, corrected, isEditOf, latestEdit, order } from "../../convert/event-edits.ts";
import { readMatrixEvent, type EventOf, type MatrixEvent } from "../../convert/matrix-event.ts";

/** An event that may have been edited. */
export interface EventNow {
  readonly original: MatrixEvent;
  /** As it is with the edit that counts. */
  readonly now: MatrixEvent;
  /** The edit that counts. */
  readonly edit?: EventOf<"edit">;
}

// How many edits that only the journal knows are asked for, newest first.
const FROM_JOURNAL = 5;

/**
 * What events say now: as the homeserver bundles the edit that counts with them, else as it lists their edits, else by
 * what the journal has taken in, which may be ahead of the homeserver's index.
 */
export class EventsNow {
  readonly #reader: UserIntent;
  readonly #edits: Pick<EditTable, "of">;

  /**
   * @param reader asks the homeserver
   * @param edits what the journal knows of edits
   */
  constructor(reader: UserIntent, edits: Pick<EditTable, "of">) {
    this.#reader = reader;
    this.#edits = edits;
  }

  /** Undefined: there is no such event, or it cannot be read. @throws MatrixError that may pass */
  async read(roomId: string, eventId: string): Promise<EventNow | undefined> {
    const original = await this.#event(roomId, eventId);
    if (original === undefined) return undefined;
    const bundled = await this.#bundled(original);
    const known = bundled === undefined ? await this.#listed(original) : [bundled];
    const edit = latestEdit(original, [...known, ...(await this.#fromJournal(original, known, () => true))]);
    return edit === undefined ? { original, now: original } : { original, now: corrected(original, edit), edit };
  }

  /**
   * What an event said before an edit of it, as far as that was sent on.
   * @param isSent whether an edit that the journal knows was
   * @throws MatrixError that may pass
   */
  async before(
    original: MatrixEvent,
    edit: MatrixEvent,
    isSent: (eventId: string) => boolean = () => true,
  ): Promise<MatrixEvent> {
    const listed = await this.#listed(original);
    const isOther = (eventId: string): boolean => eventId !== edit.id && isSent(eventId);
    const known = [...listed, ...(await this.#fromJournal(original, listed, isOther))];
    const earlier = known.filter((one) => order(one, edit) < 0 && isSent(one.id));
    const last = latestEdit(original, earlier);
    return last === undefined ? original : corrected(original, last);
  }

  /** A whole event, as it was sent. @throws MatrixError that may pass */
  async #event(roomId: string, eventId: string): Promise<MatrixEvent | undefined> {
    return readMatrixEvent(await this.#reader.event(roomId, eventId).catch(unlessRefused), roomId);
  }

  async #bundled(original: MatrixEvent): Promise<MatrixEvent | undefined> {
    const bundled = bundledEdit(original);
    // Homeservers before Matrix 1.7 bundle nothing but the id.
    return bundled === undefined || "kind" in bundled ? bundled : this.#event(original.roomId, bundled.id);
  }

  async #listed({ roomId, id, type }: MatrixEvent): Promise<MatrixEvent[]> {
    try {
      const listed = await this.#reader.replacements(roomId, id, type);
      return listed.flatMap((event) => readMatrixEvent(event, roomId) ?? []);
    } catch (error) {
      // Not every homeserver, or proxy before it, knows this request: what it would say is done without.
      if (error instanceof MatrixError) return [];
      throw error;
    }
  }

  /** The newest edit that the journal knows and the homeserver has not told of. */
  async #fromJournal(
    original: MatrixEvent,
    known: readonly MatrixEvent[],
    isWanted: (eventId: string) => boolean,
  ): Promise<MatrixEvent[]> {
    const told = new Set(known.map(({ id }) => id));
    for (const { eventId } of this.#edits.of(original.id).slice(0, FROM_JOURNAL)) {
      if (told.has(eventId)) return [];
      if (!isWanted(eventId)) continue;
      const edit = await this.#event(original.roomId, eventId);
      if (edit !== undefined && isEditOf(edit, original)) return [edit];
    }
    return [];
  }
}
