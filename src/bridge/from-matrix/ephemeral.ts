import { readEphemeralEvent, type EphemeralEvent } from "../../convert/ephemeral-event.ts";
import { isOurs, type InboundScope } from "./scope.ts";

/** Typing, receipts and presence from Matrix: for the moment only, so nothing of it is kept. */
export class Ephemeral {
  readonly #scope: InboundScope;

  constructor(scope: InboundScope) {
    this.#scope = scope;
  }

  /** Takes what a transaction brought beside its events; what makes no sense is left out. */
  take(events: readonly unknown[]): void {
    for (const event of events) {
      const read = readEphemeralEvent(event);
      if (read !== undefined) this.#take(read);
    }
  }

  #take(event: EphemeralEvent): void {
    switch (event.kind) {
      case "typing":
        return this.#typing(event.roomId, event.userIds);
      case "receipt":
        for (const userId of event.userIds) this.#active(userId);
        return;
      case "presence":
        if (!isOurs(this.#scope, event.userId)) this.#scope.activity.seenPresence(event.userId, event.presence);
    }
  }

  #typing(roomId: string, userIds: readonly string[]): void {
    const { logins, store } = this.#scope;
    for (const userId of userIds) this.#active(userId);
    const row = store.portals.findByRoom(roomId);
    const login = row && logins.ofPortal(row);
    if (row === undefined || login === undefined) return;
    if (userIds.includes(login.row.owner)) login.portals.of(row).typing.owner(true);
    else login.portals.inUse(row)?.typing.owner(false);
  }

  #active(userId: string): void {
    if (!isOurs(this.#scope, userId)) this.#scope.activity.seen(userId);
  }
}
