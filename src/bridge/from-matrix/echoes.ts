import type { MatrixEvent } from "../../convert/matrix-event.ts";
import { keyOf } from "../../convert/to-matrix.ts";
import { isOurs, type InboundScope } from "./scope.ts";

/** A message of ours that the homeserver gives back. */
export interface Echo {
  readonly roomId: string;
  /** The key in its content, which is the transaction id it was sent under. */
  readonly key: string;
}

/** What of a transaction is our own, by whether something that may end the chat in its room stands before it. */
export interface SortedEchoes {
  readonly early: readonly Echo[];
  readonly late: readonly Echo[];
}

/**
 * Our own messages that come back with the events of others. They say what had not happened yet when they came into their
 * room: a user who has not left before such a message could read it.
 */
export class Echoes {
  readonly #scope: InboundScope;

  constructor(scope: InboundScope) {
    this.#scope = scope;
  }

  /** Finds ours among the events of a transaction: the early ones are heard before the others are routed, the late after. */
  among(events: readonly MatrixEvent[]): SortedEchoes {
    const early: Echo[] = [];
    const late: Echo[] = [];
    const left = new Set<string>();
    for (const event of events) {
      const { roomId } = event;
      const isOwn = isOurs(this.#scope, event.sender);
      const key = isOwn ? keyOf(event) : undefined;
      if (key !== undefined) (left.has(roomId) ? late : early).push({ roomId, key });
      else if (!isOwn && isFarewell(event)) left.add(roomId);
    }
    return { early, late };
  }

  hear(echoes: readonly Echo[]): void {
    const { store, logins } = this.#scope;
    for (const { roomId, key } of echoes) {
      const row = store.portals.findByRoom(roomId);
      if (row !== undefined) logins.ofPortal(row)?.portals.inUse(row)?.echoed(roomId, key);
    }
  }
}

// What else others do in a room does not end it, so that what a user read before
// they wrote and left, all in one transaction, is not shown to them again.
function isFarewell(event: MatrixEvent): boolean {
  return (
    event.kind === "tombstone" ||
    (event.kind === "member" && (event.membership === "leave" || event.membership === "ban"))
  );
}
