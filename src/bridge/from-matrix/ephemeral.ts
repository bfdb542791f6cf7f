import { readEphemeralEvent, readPresence, type EphemeralEvent } from "../../convert/ephemeral-event.ts";
import { sleep } from "../../util/clock.ts";
import { isOurs, type InboundScope } from "./scope.ts";

const ASK_MS = 5000;

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

  /** Homeservers tell of changes only, so they are asked what is so at the start, and waited for, but not for long. */
  async ask(userIds: Iterable<string>): Promise<void> {
    const { clock, signal } = this.#scope;
    const answered = new AbortController();
    const asking = Promise.all([...new Set(userIds)].map((userId) => this.#ask(userId)));
    await Promise.race([asking, sleep(clock, ASK_MS, AbortSignal.any([answered.signal, signal]))]);
    answered.abort();
  }

  async #ask(userId: string): Promise<void> {
    const { bot, activity } = this.#scope;
    const seen = readPresence(await bot.presence(userId).catch(() => undefined));
    // Offline is what is said of every user where presence is switched off.
    if (seen === undefined || seen === "offline" || activity.presenceOf(userId) !== undefined) return;
    activity.seenPresence(userId, seen);
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
    if (row !== undefined && login !== undefined) login.portals.of(row).typing.owner(userIds.includes(login.row.owner));
  }

  #active(userId: string): void {
    if (!isOurs(this.#scope, userId)) this.#scope.activity.seen(userId);
  }
}
