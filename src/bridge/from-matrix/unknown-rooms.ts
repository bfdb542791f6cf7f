import type { MatrixEvent } from "../../convert/matrix-event.ts";
import type { RoomWork } from "./room-work.ts";
import type { Arrival } from "./routing.ts";
import type { InboundScope } from "./scope.ts";

// For how long a room may turn out to be a portal after it was asked for.
const LIMIT_MS = 5 * 60_000;

// Of all rooms together: who may be somebody's room-to-be is for users to choose.
const MOST_HELD = 5000;

/**
 * Events of rooms that may turn out to be ours. A user can write into a room, or leave it, before we have learnt that it
 * was made: they are quicker than the answer, the answer is lost, or the bridge was killed meanwhile.
 */
export class UnknownRooms {
  readonly #scope: InboundScope;
  readonly #work: RoomWork;
  readonly #started: number;
  readonly #held = new Map<string, Arrival[]>();
  #count = 0;

  constructor(scope: InboundScope, work: RoomWork) {
    this.#scope = scope;
    this.#work = work;
    this.#started = scope.clock.now();
  }

  /** Whether events of a room wait, so that others must not overtake them. */
  isHolding(roomId: string): boolean {
    return this.#held.has(roomId);
  }

  /** Whether a room is a chat, a space, or a user's room with the bot. */
  isOurs(roomId: string): boolean {
    const { store, management, logins } = this.#scope;
    const isPortal = store.portals.findByRoom(roomId) !== undefined;
    return isPortal || management.ownerOf(roomId) !== undefined || logins.ofSpace(roomId) !== undefined;
  }

  /** The rooms of which events wait though they are ours by now. */
  known(): readonly string[] {
    return [...this.#held.keys()].filter((roomId) => this.isOurs(roomId));
  }

  /** Whether the room of an event, which is none of ours, may be one in a moment. */
  mayBeOurs(event: MatrixEvent): boolean {
    return this.#work.isBusy(event.roomId) || this.isBeingMade(event);
  }

  /** Whether a room is being made for the sender of an event, who may know it before we do. */
  isBeingMade({ sender }: MatrixEvent): boolean {
    return this.#scope.management.isMakingFor(sender) || this.#isAwaited(sender);
  }

  /** Keeps an event of such a room. @returns whether it is the first of those that wait */
  hold(arrival: Arrival): boolean {
    const { roomId } = arrival.event;
    if (this.#count >= MOST_HELD) {
      this.#scope.log.warn({ room: roomId }, "too much waits for rooms to be known, so that an event is skipped");
      this.#scope.store.journal.settle(arrival.rowId, "skipped", "too much waits");
      return false;
    }
    this.#count += 1;
    const others = this.#held.get(roomId);
    if (others === undefined) this.#held.set(roomId, [arrival]);
    else others.push(arrival);
    return others === undefined;
  }

  /** The events of a room that waited, oldest first. They do not any more. */
  release(roomId: string): readonly Arrival[] {
    const held = this.#held.get(roomId) ?? [];
    this.#count -= held.length;
    this.#held.delete(roomId);
    return held;
  }

  #isAwaited(owner: string): boolean {
    const { store, logins, clock, calendar } = this.#scope;
    return store.portals.listCreating().some((portal) => {
      const sinceStart = clock.now() - this.#started;
      const age = portal.creating === null ? sinceStart : Math.min(sinceStart, calendar.ageOf(portal.creating));
      return age < LIMIT_MS && logins.ofPortal(portal)?.row.owner === owner;
    });
  }
}
