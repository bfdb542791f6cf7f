import { readMatrixEvent, type MatrixEvent } from "../../convert/matrix-event.ts";
import { StoreError } from "../../store/errors.ts";
import type { Journal } from "../../store/journal.ts";

/** An event from Matrix and the row of the journal that keeps it. */
export interface AcceptedEvent {
  readonly rowId: number;
  readonly event: MatrixEvent;
}

/**
 * Reads what a row of the journal holds: after a restart, or where another event is about it.
 * @throws StoreError `not-found`, `settled`, or `damaged`
 */
export function acceptedEvent(journal: Pick<Journal, "body">, rowId: number): AcceptedEvent {
  const event = readMatrixEvent(journal.body(rowId));
  if (event === undefined) throw new StoreError("damaged", `Journal row ${rowId} holds no event of Matrix.`);
  return { rowId, event };
}
