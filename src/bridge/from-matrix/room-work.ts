import { commitWithRetry } from "../base/commit.ts";
import { retry } from "../base/retry.ts";
import { SerialQueue } from "../../util/serial-queue.ts";
import type { RoomStep } from "./room-step.ts";
import type { RoomSteps } from "./room-steps.ts";
import type { Arrival, Intake, Prepared } from "./routing.ts";
import type { InboundScope } from "./scope.ts";

// What one room may have waiting for it.
const ROOM_LIMIT = 100;
const TRIES = 8;

/** What follows from changes of rooms and takes the homeserver: in each room one thing after the other. */
export class RoomWork {
  readonly #scope: InboundScope;
  readonly #steps: RoomSteps;
  readonly #rooms = new Map<string, SerialQueue>();

  constructor(scope: InboundScope, steps: RoomSteps) {
    this.#scope = scope;
    this.#steps = steps;
  }

  /** Whether something is being done for a room, after which it may be one of ours. */
  isBusy(roomId: string): boolean {
    return this.#rooms.has(roomId);
  }

  prepare(arrival: Arrival, step: RoomStep): Prepared {
    return new RoomTask(this, arrival, step);
  }

  /** Does something once what came before is done, again while the homeserver is away, and settles the row. */
  async do({ rowId, event: { roomId } }: Arrival, step: RoomStep, intake: Intake): Promise<void> {
    const { log, clock, signal } = this.#scope;
    const queue = this.#rooms.get(roomId) ?? new SerialQueue(ROOM_LIMIT);
    this.#rooms.set(roomId, queue);
    try {
      await queue.add(() => retry(() => this.#steps.perform(step, intake), { clock, signal, tries: TRIES }));
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
}

class RoomTask implements Prepared {
  readonly roomId: string;
  readonly #work: RoomWork;
  readonly #arrival: Arrival;
  readonly #step: RoomStep;

  constructor(work: RoomWork, arrival: Arrival, step: RoomStep) {
    this.roomId = arrival.event.roomId;
    this.#work = work;
    this.#arrival = arrival;
    this.#step = step;
  }

  begin(intake: Intake): void {
    void this.#work.do(this.#arrival, this.#step, intake);
  }
}
