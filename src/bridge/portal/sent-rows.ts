import type { OpenRow } from "../../store/journal-row.ts";

/** A row that the homeserver has been given, or is being given, for a room. */
interface SentRow {
  readonly row: OpenRow;
  readonly roomId: string;
  /** Its owner was in the room when it came there, or is now. */
  isRead: boolean;
  /** It is being settled. */
  isSettling: boolean;
}

/**
 * The rows of a portal that are in its room, or on their way there, and not yet known to be read; oldest first. Rows are
 * sent one after the other, so what is known of one counts for those before it in the same room.
 */
export class SentRows {
  #rows: SentRow[] = [];
  #sending: SentRow | undefined;

  get size(): number {
    return this.#rows.length;
  }

  /** The number of the newest; nought if there is none. */
  get newest(): number {
    return this.#rows.at(-1)?.row.id ?? 0;
  }

  /** The oldest that is not known to be read, and where it is. */
  get unread(): { readonly row: OpenRow; readonly roomId: string } | undefined {
    return this.#rows.find(({ isRead }) => !isRead);
  }

  /** Those that can be settled. */
  get read(): readonly OpenRow[] {
    return this.#rows.filter(({ isRead, isSettling }) => isRead && !isSettling).map(({ row }) => row);
  }

  /** A row is being sent: the homeserver may give it back before it answers. */
  begin(row: OpenRow, roomId: string): void {
    this.#sending = { row, roomId, isRead: false, isSettling: false };
  }

  /** The row that is being sent is there. False: its room was lost meanwhile. */
  arrived(): boolean {
    const sent = this.#sending;
    this.#sending = undefined;
    if (sent === undefined) return false;
    this.#rows.push(sent);
    return true;
  }

  /** The row that was being sent may be there or not. */
  failed(): void {
    this.#sending = undefined;
  }

  /** The homeserver has given an event back; nothing happens if it is none of these. */
  echoed(roomId: string, txnId: string): void {
    const all = this.#all();
    const at = all.findLastIndex((one) => one.roomId === roomId && one.row.txnId === txnId);
    for (const one of all.slice(0, at + 1)) if (one.roomId === roomId) one.isRead = true;
  }

  /** The owner is in a room to which nothing has been sent since that was asked. */
  answered(roomId: string): void {
    for (const one of this.#rows) if (one.roomId === roomId) one.isRead = true;
  }

  /** A room was lost: what is not known to be read there has to be sent again. @returns that */
  lost(roomId: string): readonly OpenRow[] {
    const isLost = (one: SentRow): boolean => one.roomId === roomId && !one.isRead;
    const lost = this.#all().filter(isLost);
    this.#rows = this.#rows.filter((one) => !isLost(one));
    if (this.#sending !== undefined && isLost(this.#sending)) this.#sending = undefined;
    return lost.map(({ row }) => row);
  }

  /** Rows are being settled, or could not be. */
  settling(rows: readonly OpenRow[], isSettling: boolean): void {
    for (const one of this.#rows) if (rows.includes(one.row)) one.isSettling = isSettling;
  }

  /** Rows have been settled. */
  remove(rows: readonly OpenRow[]): void {
    this.#rows = this.#rows.filter(({ row }) => !rows.includes(row));
  }

  #all(): SentRow[] {
    return this.#sending === undefined ? this.#rows : [...this.#rows, this.#sending];
  }
}
