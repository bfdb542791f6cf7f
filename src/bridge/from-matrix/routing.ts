import type { AcceptedEvent } from "../base/accepted-event.ts";

/** An event from Matrix that is to be routed, and how its row of the journal came to be. */
export interface Arrival extends AcceptedEvent {
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
  /** An earlier run had begun with it when it ended. */
  readonly isInterrupted: boolean;
}

/** Takes events that the homeserver has not given us by itself; those that are known already do nothing. */
export interface Intake {
  accept(events: readonly unknown[]): void;
}

/** Something that was decided when an event was routed, and is begun once that is on disk. */
export interface Prepared {
  /** The room that may be one of ours once it is done. */
  readonly roomId?: string;
  begin(intake: Intake): void;
}

/** What is left to be done when events have been routed. It counts once the commit in which that happened is on disk. */
export class Routing {
  readonly prepared: Prepared[] = [];
  /** Events of rooms that are not known yet; others of those rooms must not overtake them. */
  readonly held: Arrival[] = [];
  /** Events to be routed once more by themselves. */
  readonly early: Arrival[] = [];

  holds(roomId: string): boolean {
    return this.held.some(({ event }) => event.roomId === roomId);
  }

  isBusy(roomId: string): boolean {
    return this.prepared.some((task) => task.roomId === roomId);
  }
}
