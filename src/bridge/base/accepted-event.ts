import { readMatrixEvent, type MatrixEvent } from "../../convert/matrix-event.ts";
import { StoreError } from "../../store/errors.ts";
import type { Journal } from "../../store/journal.ts";
import type { OpenRow } from "../../store/journal-row.ts";

/** An event from Matrix and the row of the journal that keeps it. */
export interface AcceptedEvent {
  readonly rowId: number;
  readonly event: MatrixEvent;
}

/**
 * Reads what a row of the journal holds, where another event is about it.
 * @throws StoreError `not-found`, `settled`, or `damaged`
 */
export function acceptedEvent(journal: Pick<Journal, "body">, rowId: number): AcceptedEvent {
  return { rowId, event: eventIn({ id: rowId, body: () => journal.body(rowId) }) };
}

/** The event that a row of the journal holds. @throws StoreError `damaged` */
export function eventIn({ id, body }: Pick<OpenRow, "id" | "body">): MatrixEvent {
  const event = readMatrixEvent(body());
  if (event === undefined) throw new StoreError("damaged", `Journal row ${id} holds no event of Matrix.`);
  return event;
}
