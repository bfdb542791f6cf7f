import { unlessRefused } from "../../matrix/client/errors.ts";
import { readMatrixEvent } from "../../convert/matrix-event.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import { sentInParts } from "../words/gathered.ts";
import type { PendingEdits } from "./pending-edits.ts";

// How many messages are looked at for one that can be sent again.
const LOOKS = 20;
// So many are sent again at once: half of what may wait in a chat, so that there is room for what is new.
const MOST_TOGETHER = 500;

/** Finds what people want sent again, and takes it up. */
export class Retries {
  readonly #scope: PortalScope;
  readonly #pendingEdits: PendingEdits;

  constructor(scope: PortalScope, pendingEdits: PendingEdits) {
    this.#scope = scope;
    this.#pendingEdits = pendingEdits;
  }

  /**
   * Takes up again what was not, or may not have been, delivered: the event named, or the newest.
   * @returns whether there was something to take up
   * @throws MatrixError that may pass
   */
  async retry(eventId?: string): Promise<boolean> {
    const { store, portalId } = this.#scope;
    const { journal, gathered } = store;
    let row = eventId === undefined ? journal.lastUndelivered(portalId) : journal.findByEventId(eventId);
    const together = eventId === undefined && row !== undefined ? gathered.findByRow(row.id) : undefined;
    if (together !== undefined && (await this.#retryAll(together))) return true;
    for (let looks = 1; looks <= LOOKS && row !== undefined; looks += 1) {
      const { id, roomId } = row;
      if (roomId !== null && row.eventId !== null && (await this.#pendingEdits.reopen(roomId, row.eventId)))
        return true;
      // It has been deleted, or another has been sent in its place.
      row = eventId === undefined ? journal.lastUndelivered(portalId, id) : undefined;
    }
    return false;
  }

  /** The same for an event that a user reacted to: their own, or our answer that says it was not delivered. */
  async retryTarget(roomId: string | null, target: string): Promise<boolean> {
    if (await this.retry(target)) return true;
    const { store, portalId } = this.#scope;
    const gathered = store.gathered.findByEvent(portalId, target);
    if (gathered !== undefined) return this.#retryAll(gathered);
    const notice =
      roomId === null ? undefined : await this.#scope.members.mainIntent.event(roomId, target).catch(unlessRefused);
    const answered = readMatrixEvent(notice, roomId ?? undefined);
    return answered?.kind === "message" && answered.replyTo !== undefined && this.retry(answered.replyTo);
  }

  /** Takes up all that one notice tells of, in order; of very much the oldest, and says so. @throws MatrixError */
  async #retryAll(gathered: number): Promise<boolean> {
    const { store, room } = this.#scope;
    const rows = store.gathered.undelivered(gathered);
    const taken: Array<() => boolean> = [];
    let looked = 0;
    for (const id of rows) {
      if (taken.length >= MOST_TOGETHER) break;
      looked += 1;
      const { roomId, eventId } = store.journal.find(id) ?? {};
      if (typeof roomId !== "string" || typeof eventId !== "string") continue;
      const reopen = await this.#pendingEdits.reopening(roomId, eventId);
      if (reopen !== undefined) taken.push(reopen);
    }
    let opened = 0;
    store.batch(() => {
      opened = taken.filter((reopen) => reopen()).length;
      if (opened > 0 && looked < rows.length) room.say(sentInParts(opened, rows.length - looked));
    });
    return opened > 0;
  }
}
