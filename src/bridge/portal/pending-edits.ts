import type { OpenRow } from "../../store/journal-row.ts";
import { UNDER_WAY } from "../../store/transfers.ts";
import {
  corrected,
  editedEvent,
  isDeleted,
  isEditOf,
  isSameFile,
  withEdit,
  withoutEdit,
} from "../../convert/event-edits.ts";
import type { EventOf, MatrixEvent } from "../../convert/matrix-event.ts";
import { acceptedEvent, eventIn, type AcceptedEvent } from "../base/accepted-event.ts";
import { editKept } from "../words/delivery.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import type { EventNow, EventsNow } from "./event-now.ts";
import type { Check } from "./outgoing-row.ts";

/** What becomes of an edit of something that does not wait any more. */
type EditFate =
  /** Matrix does not accept it. */
  | { readonly type: "invalid" }
  /** The contact has what it changes, as it was before. */
  | { readonly type: "correction"; readonly before: MatrixEvent }
  /** What it changes was nothing for the contact; what that is now may be. */
  | { readonly type: "message"; readonly event: MatrixEvent }
  /** The contact did not get, or may not have got, what it changes. */
  | { readonly type: "kept"; readonly target: string; readonly rowId: number; readonly state: "failed" | "uncertain" };

/**
 * What became of an event when it was applied: nothing of its row is left to be done, it says something else than it did, or
 * neither.
 */
type Applied = "settled" | "changed" | "untouched";

/** A row has been changed or taken back since it was read. */
export class Stale extends Error {
  override readonly name = "Stale";
}

/** What people do to messages that still wait: those are truly changed, or dropped, and the contact sees no trace of it. */
export class PendingEdits implements Check {
  readonly #scope: PortalScope;
  readonly #events: EventsNow;
  /** Rows that have changed since they were read. */
  readonly #stale = new Set<number>();

  constructor(scope: PortalScope, events: EventsNow) {
    this.#scope = scope;
    this.#events = events;
  }

  /**
   * Applies an event to the message that it is about, if that still waits; or to a message its edits, where they
   * have come first.
   */
  apply({ rowId, event }: AcceptedEvent): Applied {
    const { store, portalId } = this.#scope;
    const { journal, edits } = store;
    if (event.kind !== "edit" && event.kind !== "redaction") return this.#overtaken(rowId, event.id);
    let applied: Applied = "untouched";
    store.batch(() => {
      if (event.kind === "edit") edits.add(rowId, event.target);
      const target = journal.findByEventId(event.target);
      if (target?.portalId !== portalId) return;
      const isApplied = event.kind === "edit" ? this.#edit(target.id, event) : this.#takeBack(target.id, event.target);
      if (!isApplied) return;
      journal.settle(rowId, "skipped", "applied");
      applied = "settled";
    });
    return applied;
  }

  // No order of events is promised (Matrix spec, Application Service API, "Pushing events").
  #overtaken(rowId: number, eventId: string): Applied {
    const { store, portalId } = this.#scope;
    const { journal, edits } = store;
    const own = edits.of(eventId).filter((edit) => journal.get(edit.rowId).portalId === portalId);
    if (own.length === 0) return "untouched";
    // Otherwise the contact would read last what is not said any more.
    const isSaid = own.some(({ state }) => state === "sending" || state === "delivered");
    store.batch(() => {
      if (isSaid) journal.settle(rowId, "skipped", "edited");
      for (const edit of own) {
        if (isSaid || edit.state !== "accepted" || !this.#edit(rowId, this.#body(edit.rowId))) continue;
        this.#stale.add(edit.rowId);
        journal.settle(edit.rowId, "skipped", "applied");
      }
    });
    return isSaid ? "settled" : "changed";
  }

  #edit(target: number, edit: MatrixEvent): boolean {
    const { journal } = this.#scope.store;
    if (journal.get(target).state !== "accepted") return false;
    const body = this.#body(target);
    if (!isEditOf(edit, body)) return false;
    // Where all its edits are too much to keep, this one is enough.
    const isKept =
      journal.rewrite(target, withEdit(body, edit).source) ||
      journal.rewrite(target, withEdit(body, edit, true).source);
    if (isKept) this.#stale.add(target);
    return isKept;
  }

  #takeBack(target: number, eventId: string): boolean {
    const { journal, edits } = this.#scope.store;
    const edited = journal.findByEventId(edits.targetOf(target) ?? "");
    if (edited?.state === "accepted" && edited.portalId === this.#scope.portalId) {
      // An edit of a message that waits: it says again what it said before.
      this.#stale.add(edited.id);
      return journal.rewrite(edited.id, withoutEdit(this.#body(edited.id), eventId).source);
    }
    if (journal.get(target).state !== "accepted") return false;
    this.#stale.add(target);
    return journal.settle(target, "skipped", "taken back");
  }

  // What a message says when it is sent again has the edits in it that wait; one of another type than it is none.
  #settleEdits({ id: target, type }: MatrixEvent): void {
    const { store, portalId } = this.#scope;
    const { journal, edits } = store;
    for (const { rowId, state } of edits.of(target)) {
      if (state !== "accepted" || journal.get(rowId).portalId !== portalId) continue;
      if (this.#body(rowId).type !== type) continue;
      this.#stale.add(rowId);
      journal.settle(rowId, "skipped", "applied");
    }
  }

  /** What a row that is about to be sent says now. It is the only one whose changes matter from here on. */
  read(row: OpenRow): MatrixEvent {
    this.begin();
    return editedEvent(eventIn(row));
  }

  /** Another row is about to be sent than before. */
  begin(): void {
    this.#stale.clear();
  }

  /** Whether a row has been changed or taken back since one was about to be sent. */
  isStale(rowId: number): boolean {
    return this.#stale.has(rowId);
  }

  #body(rowId: number): MatrixEvent {
    return acceptedEvent(this.#scope.store.journal, rowId).event;
  }

  /** To be called before the first byte is written. @throws Stale when what was read is not what is wanted any more */
  check(rowId: number): void {
    if (this.#stale.has(rowId)) throw new Stale();
  }

  /** What the event of a row asks for. Undefined: nothing, as has been written down. @throws MatrixError */
  async meaningOf(
    id: number,
    event: MatrixEvent,
  ): Promise<{ readonly event: MatrixEvent; readonly before?: MatrixEvent } | undefined> {
    const { store, room, members, refusals } = this.#scope;
    const { journal } = store;
    if (event.kind !== "edit") return { event };
    const fate = await this.#judge(event);
    switch (fate.type) {
      case "invalid":
        journal.settle(id, "skipped", "not an edit");
        return undefined;
      case "message":
        return { event: fate.event };
      case "correction":
        return { event, before: fate.before };
      case "kept":
        store.batch(() => {
          journal.settle(id, "skipped", "kept");
          if (!room.isFirst(`edit of ${fate.target}`)) return;
          const message = { id: fate.rowId, eventId: fate.target };
          const sentence = editKept(members.name(), fate.state);
          refusals.tell({ kind: "to-msn", reason: "kept", sentence, row: message });
        });
        return undefined;
    }
  }

  /** What becomes of an edit of something that does not wait any more. */
  async #judge(edit: EventOf<"edit">): Promise<EditFate> {
    const { journal, edits, parts } = this.#scope.store;
    const { target } = edit;
    const found = await this.#events.read(edit.roomId, target);
    if (found === undefined || !isEditOf(edit, found.original)) return { type: "invalid" };
    const row = journal.findByEventId(target);
    const isNothing = row !== undefined && (row.portalId === null || row.state === "skipped");
    if (isNothing && !edits.of(target).some(({ state }) => state === "delivered"))
      return { type: "message", event: corrected(found.original, edit) };
    const before = await this.#events.before(found.original, edit, (eventId) => this.#isSent(eventId));
    const isKept = (row?.state === "failed" || row?.state === "uncertain") && row.reason !== UNDER_WAY;
    if (!isKept) return { type: "correction", before };
    // What was said with a file has arrived, and can be corrected; another file is said together with its words.
    if (parts.done(row.id) > 0) {
      if (isSameFile(before, corrected(before, edit))) return { type: "correction", before };
      // Of several files those that have arrived are not sent again.
      if (parts.done(row.id) === 1) parts.set(row.id, 0);
    }
    return { type: "kept", target, rowId: row.id, state: row.state === "failed" ? "failed" : "uncertain" };
  }

  // By itself, or as what its message said when that was sent at last.
  #isSent(eventId: string): boolean {
    const row = this.#scope.store.journal.findByEventId(eventId);
    return row === undefined || row.state === "delivered" || row.reason === "applied" || row.reason === "kept";
  }

  /**
   * Takes up a message again that was not, or may not have been, delivered, or else its newest edit, as it is now.
   * @returns whether there was something to take up
   * @throws MatrixError that may pass
   */
  async reopen(roomId: string, eventId: string): Promise<boolean> {
    const reopen = await this.reopening(roomId, eventId);
    let isOpen = false;
    this.#scope.store.batch(() => (isOpen = reopen?.() ?? false));
    return isOpen;
  }

  /**
   * The same in two steps, for many that are to go out in order: all is asked first.
   * @returns what takes it up, as a part of a commit, and says whether it did; undefined: there is nothing
   * @throws MatrixError that may pass
   */
  async reopening(roomId: string, eventId: string): Promise<(() => boolean) | undefined> {
    const { store, portalId } = this.#scope;
    const { journal, edits } = store;
    const row = journal.findByEventId(eventId);
    if (row?.portalId !== portalId) return undefined;
    const target = edits.targetOf(row.id) ?? eventId;
    const found = await this.#events.read(roomId, target);
    if (found === undefined || isDeleted(found.original)) return undefined;
    return () => {
      const message = journal.findByEventId(target);
      const isMessage = message?.portalId === portalId && journal.reopen(message.id, withNow(found).source);
      if (isMessage) this.#settleEdits(found.original);
      return isMessage || this.#reopenEdit(found.edit);
    };
  }

  #reopenEdit(edit: MatrixEvent | undefined): boolean {
    const { store, portalId } = this.#scope;
    const { journal } = store;
    const row = edit && journal.findByEventId(edit.id);
    return edit !== undefined && row?.portalId === portalId && journal.reopen(row.id, edit.source);
  }
}

function withNow({ original, edit }: EventNow): MatrixEvent {
  return edit === undefined ? original : withEdit(original, edit, true);
}
