import { z } from "zod";
import { sleep } from "../../util/clock.ts";
import { OWN_PRESENCES } from "../presence/activity.ts";
import { isOurs, type InboundScope } from "./scope.ts";

const ASK_MS = 5000;

const typing = z.object({
  type: z.literal("m.typing"),
  room_id: z.string(),
  content: z.object({ user_ids: z.array(z.string()) }),
});
const receipt = z.object({
  type: z.literal("m.receipt"),
  content: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))),
});
// Synapse tells those who are busy apart if it is asked to (MSC3026).
const ownPresence = z.preprocess(
  (value) => (value === "org.matrix.msc3026.busy" ? "busy" : value),
  z.enum(OWN_PRESENCES),
);
const presence = z.object({
  type: z.literal("m.presence"),
  sender: z.string(),
  content: z.object({ presence: ownPresence }),
});
const ephemeral = z.discriminatedUnion("type", [typing, receipt, presence]);

/** Typing, receipts and presence from Matrix: for the moment only, so nothing of it is kept. */
export class Ephemeral {
  readonly #scope: InboundScope;

  constructor(scope: InboundScope) {
    this.#scope = scope;
  }

  /** Takes what a transaction brought beside its events; what makes no sense is left out. */
  take(events: readonly unknown[]): void {
    for (const event of events) {
      const read = ephemeral.safeParse(event).data;
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
    const seen = ownPresence.safeParse(await bot.presence(userId).catch(() => undefined)).data;
    // Offline is what is said of everybody where presence is switched off.
    if (seen === undefined || seen === "offline" || activity.presenceOf(userId) !== undefined) return;
    activity.seenPresence(userId, seen);
  }

  #take(event: z.output<typeof ephemeral>): void {
    switch (event.type) {
      case "m.typing":
        return this.#typing(event.room_id, event.content.user_ids);
      case "m.receipt":
        return this.#read(Object.values(event.content).flatMap((kinds) => Object.values(kinds).flatMap(Object.keys)));
      case "m.presence":
        return this.#present(event.sender, event.content.presence);
    }
  }

  #typing(roomId: string, userIds: readonly string[]): void {
    const { logins, store } = this.#scope;
    for (const userId of userIds) this.#active(userId);
    const row = store.portals.findByRoom(roomId);
    const login = row && logins.ofPortal(row);
    if (row !== undefined && login !== undefined) login.portals.of(row).typing.owner(userIds.includes(login.row.owner));
  }

  #read(userIds: readonly string[]): void {
    for (const userId of new Set(userIds)) this.#active(userId);
  }

  #present(userId: string, seen: z.output<typeof ownPresence>): void {
    if (!isOurs(this.#scope, userId)) this.#scope.activity.seenPresence(userId, seen);
  }

  #active(userId: string): void {
    if (!isOurs(this.#scope, userId)) this.#scope.activity.seen(userId);
  }
}
