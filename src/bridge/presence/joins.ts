import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Clock } from "../../util/clock.ts";
import { LatestMap } from "../../util/latest-map.ts";

// How long a user who has been invited is not asked about again, in milliseconds.
const NOT_YET_MS = 60_000;
// Rooms come and go, some of them by the will of strangers; of one that is forgotten it is asked again.
const MOST_ROOMS = 20_000;

/**
 * Which portals their owners have joined. Asked once for each room: an owner who leaves takes the room from the portal,
 * and comes back to another.
 */
export class Joins {
  readonly #clock: Clock;
  readonly #joined = new LatestMap<string, true>(MOST_ROOMS);
  readonly #notBefore = new LatestMap<string, number>(MOST_ROOMS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async has(ghost: Pick<UserIntent, "membership">, roomId: string, owner: string): Promise<boolean> {
    if (this.#joined.get(roomId) === true) return true;
    const now = this.#clock.now();
    if (now < (this.#notBefore.get(roomId) ?? -Infinity)) return false;
    this.#notBefore.set(roomId, now + NOT_YET_MS);
    const membership = await ghost.membership(roomId, owner).catch(() => undefined);
    if (membership !== "join") return false;
    this.#notBefore.delete(roomId);
    this.#joined.set(roomId, true);
    return true;
  }
}
