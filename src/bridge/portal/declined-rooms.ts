import { later } from "../../util/clock.ts";
import type { RoomTimeline } from "../room/portal-room.ts";
import type { PortalScope } from "../room/portal-scope.ts";

const DECLINED_MS = 60 * 60_000;

/** For how long no room is made, because the owner has declined the last one. */
export class DeclinedRooms {
  readonly #scope: PortalScope;
  readonly #timeline: RoomTimeline;
  #pauses = 0;

  /** @param timeline woken when a room may be made again */
  constructor(scope: PortalScope, timeline: RoomTimeline) {
    this.#scope = scope;
    this.#timeline = timeline;
  }

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  /** What is said now waits for the owner to open a room, or to have thought better of it. */
  pause(): void {
    const { clock, notices, row: login, members, signal } = this.#scope;
    this.#pauses += 1;
    notices.tell(login.owner, members.declined());
    // By a timer: a clock that is set back would make it longer, and nothing would wake what waits then.
    later(clock, DECLINED_MS, signal, () => {
      this.#pauses -= 1;
      this.#timeline.wake();
    });
  }
}
