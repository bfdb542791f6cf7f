import type { Registrations } from "../../matrix/client/intent.ts";
import type { GhostTable } from "../../store/ghosts.ts";
import { LatestMap } from "../../util/latest-map.ts";

// Those of a large bridge in use; who is forgotten costs a look at the disk, and the bot a request.
const MOST_KNOWN = 20_000;

/** Which of our users the homeserver knows: of ghosts it is on disk, of the bot it is asked once a run. */
export class GhostRegistrations implements Registrations {
  readonly #ghosts: Pick<GhostTable, "findByUserId" | "markRegistered">;
  readonly #known = new LatestMap<string, true>(MOST_KNOWN);

  constructor(ghosts: Pick<GhostTable, "findByUserId" | "markRegistered">) {
    this.#ghosts = ghosts;
  }

  has(userId: string): boolean {
    if (this.#known.get(userId) === true) return true;
    const isRegistered = this.#ghosts.findByUserId(userId)?.registered === true;
    // It is asked before each request, and no user is ever unknown again.
    if (isRegistered) this.#known.set(userId, true);
    return isRegistered;
  }

  add(userId: string): void {
    this.#known.set(userId, true);
    this.#ghosts.markRegistered(userId);
  }
}
