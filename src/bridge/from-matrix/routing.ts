import type { AcceptedEvent } from "../base/accepted-event.ts";
import type { Portal } from "../portal/portal.ts";
import type { CommandRequest } from "./command-request.ts";
import type { RoomStep } from "./room-step.ts";

/** An event from Matrix that is to be routed, and how its row of the journal came to be. */
export interface Arrival extends AcceptedEvent {
  /** When, as a moment of the clock. */
  readonly acceptedAt: number;
  /** An earlier run had begun with it when it ended. */
  readonly isInterrupted: boolean;
}

/** Takes events that the homeserver has not given us by itself; those that are known already do nothing. */
export interface Intake {
  accept(events: readonly unknown[]): Promise<void>;
}

/** Something that was decided when an event was routed, and is begun once that is on disk. */
export type Task =
  | { readonly type: "step"; readonly arrival: Arrival; readonly step: RoomStep }
  | { readonly type: "command"; readonly arrival: Arrival; readonly request: CommandRequest };

/** What is left to be done when events have been routed. It counts once the commit in which that happened is on disk. */
export class Routing {
  readonly tasks: Task[] = [];
  /** Events of rooms that are not known yet; others of those rooms must not overtake them. */
  readonly held: Arrival[] = [];
  /** Events to be routed once more by themselves. */
  readonly early: Arrival[] = [];
  /** What portals that had nothing to send have to send now. */
  readonly next = new Map<Portal, AcceptedEvent>();

  holds(roomId: string): boolean {
    return this.held.some(({ event }) => event.roomId === roomId);
  }

  /** Whether a room may be one of ours once what was decided is done. */
  isBusy(roomId: string): boolean {
    return this.tasks.some(({ type, arrival }) => type === "step" && arrival.event.roomId === roomId);
  }
}
