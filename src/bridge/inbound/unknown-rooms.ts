import type { MatrixEvent } from "../../convert/matrix-event.ts";
import type { Store } from "../../store/store.ts";
import { sleep, type Clock } from "../../util/clock.ts";
import type { Logins } from "../login/logins.ts";

export interface UnknownRoomsOptions {
  readonly store: Store;
  readonly logins: Logins;
  /** Whether something is being done for a room, after which it may be one of ours. */
  readonly isBusy: (roomId: string) => boolean;
  readonly clock: Clock;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// How often, and for how long, is looked whether a room has become a portal.
const LOOK_MS = 500;
const LIMIT_MS = 5 * 60_000;

/**
 * Events of rooms that may turn out to be portals. An invited person can write into a room before we have learnt that it
 * was made: the answer may be lost, or the bridge was killed meanwhile.
 */
export class UnknownRooms {
  readonly #options: UnknownRoomsOptions;
  readonly #route: (rows: readonly number[]) => void;
  readonly #started: number;
  readonly #rows = new Map<string, number[]>();

  /** @param route routes rows again, oldest first */
  constructor(options: UnknownRoomsOptions, route: (rows: readonly number[]) => void) {
    this.#options = options;
    this.#route = route;
    this.#started = options.clock.now();
  }

  /** Adds a row to those of the same room that wait, so that it does not overtake them. False: none waits. */
  follow(row: number, roomId: string): boolean {
    const rows = this.#rows.get(roomId);
    // It may be routed again, because the disk was full at the first time.
    if (rows?.includes(row) === false) rows.push(row);
    return rows !== undefined;
  }

  /** Keeps a row of a room that is not known, to be routed again. False: it will never be one of ours. */
  keep(row: number, { roomId, sender }: MatrixEvent): boolean {
    if (!this.#options.isBusy(roomId) && !this.#isAwaited(sender)) return false;
    const rows = [row];
    this.#rows.set(roomId, rows);
    void this.#routeLater(roomId, rows);
    return true;
  }

  async #routeLater(roomId: string, rows: readonly number[]): Promise<void> {
    const { clock, signal } = this.#options;
    await sleep(clock, LOOK_MS, signal);
    this.#rows.delete(roomId);
    if (!signal.aborted) this.#route(rows);
  }

  #isAwaited(owner: string): boolean {
    const { store, logins, clock } = this.#options;
    return store.portals.listCreating().some((portal) => {
      const since = Math.max(portal.creating ?? 0, this.#started);
      return clock.now() - since < LIMIT_MS && logins.ofPortal(portal)?.row.owner === owner;
    });
  }
}
