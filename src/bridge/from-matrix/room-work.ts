import { replacementIn, type EventOf } from "../../convert/matrix-event.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { ensureLeft } from "../room/membership.ts";
import { takeRoom } from "./ghost-invites.ts";
import { saidMeanwhile } from "./missed-events.ts";
import { commitWithRetry } from "../base/commit.ts";
import { retry } from "../base/retry.ts";
import { SerialQueue } from "../../util/serial-queue.ts";
import type { RoomStep } from "./room-step.ts";
import type { Arrival, Intake } from "./routing.ts";
import type { InboundScope } from "./scope.ts";

// What one room may have waiting for it.
const ROOM_LIMIT = 100;
const TRIES = 8;

/** What follows from changes of rooms and takes the homeserver: in each room one thing after the other. */
export class RoomWork {
  readonly #scope: InboundScope;
  readonly #rooms = new Map<string, SerialQueue>();

  constructor(scope: InboundScope) {
    this.#scope = scope;
  }

  /** Whether something is being done for a room, after which it may be one of ours. */
  isBusy(roomId: string): boolean {
    return this.#rooms.has(roomId);
  }

  /** Does something once what came before is done, again while the homeserver is away, and settles the row. */
  async do({ rowId, event: { roomId } }: Arrival, step: RoomStep, intake: Intake): Promise<void> {
    const { log, clock, signal } = this.#scope;
    const queue = this.#rooms.get(roomId) ?? new SerialQueue(ROOM_LIMIT);
    this.#rooms.set(roomId, queue);
    try {
      await queue.add(() => retry(() => this.#perform(step, intake), { clock, signal, tries: TRIES }));
      this.#settle(rowId, "delivered");
    } catch (error) {
      if (signal.aborted) return;
      log.error({ error, row: rowId }, "a change of a room could not be dealt with");
      this.#settle(rowId, "failed", error instanceof Error ? error.name : "internal");
    } finally {
      if (queue.size === 0) this.#rooms.delete(roomId);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((queue) => queue.idle()));
  }

  #settle(rowId: number, state: "delivered" | "failed", reason?: string): void {
    commitWithRetry(this.#scope, () => void this.#scope.store.journal.settle(rowId, state, reason));
  }

  /** @throws MatrixError, or what the disk throws, to be called again where that may pass */
  async #perform(step: RoomStep, intake: Intake): Promise<void> {
    const { management } = this.#scope;
    switch (step.type) {
      case "manage":
        return this.#manage(step.event, intake);
      case "catch-up":
        return this.#catchUp(this.#scope.ghosts.byUserId(step.event.userId), step.event, intake);
      case "adopt":
        return this.#adopt(step.event, intake);
      case "warn":
        return management.warn(step.event.roomId, step.event.sentAt);
      case "leave-crowded":
        return management.crowded(step.roomId);
      case "leave-replaced":
        return management.came(step.roomId);
      case "give-up":
        return management.lost(step.roomId);
      case "follow":
        return management.follow(step.roomId, step.to, step.owner);
      case "offer-readable":
        return management.unreadable(step.roomId, step.owner);
      case "call":
        return step.call.run();
      case "leave":
        return ensureLeft(step.user, step.roomId, step.reason);
      case "leave-space":
        return step.spaces.leave(step.roomId);
      case "name":
        return step.portal.room.state.tell();
      case "follow-portal":
        return step.following;
    }
  }

  async #manage(event: EventOf<"member">, intake: Intake): Promise<void> {
    const { management, bot } = this.#scope;
    await management.invited(event.roomId, event.sender);
    if (management.ownerOf(event.roomId) === event.sender) await this.#catchUp(bot, event, intake);
  }

  async #adopt(event: EventOf<"member">, intake: Intake): Promise<void> {
    const { roomId, sender, userId } = event;
    if (await this.#replacesPortal(roomId, userId)) return;
    if (!(await takeRoom(this.#scope, roomId, sender, userId))) return;
    await this.#catchUp(this.#scope.ghosts.byUserId(userId), event, intake);
  }

  async #catchUp(user: UserIntent, { roomId, sender, sentAt }: EventOf<"member">, intake: Intake): Promise<void> {
    await intake.accept(await saidMeanwhile(user, roomId, { sender, since: sentAt }));
  }

  // After an upgrade people are invited to the room that replaces the old one; the portal goes there by itself.
  async #replacesPortal(roomId: string, ghost: string): Promise<boolean> {
    const { store, ghosts } = this.#scope;
    const remote = ghosts.accountOf(ghost)?.passport;
    for (const row of store.portals.list()) {
      if (row.roomId === null || row.remote !== remote) continue;
      if (replacementIn(await ghosts.byUserId(ghost).state(row.roomId, "m.room.tombstone")) === roomId) return true;
    }
    return false;
  }
}
