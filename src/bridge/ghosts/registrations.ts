import type { Registrations } from "../../matrix/client/intent.ts";
import type { GhostTable } from "../../store/ghosts.ts";

/** Which of our users the homeserver knows: of ghosts it is on disk, of the bot it is asked once a run. */
export class GhostRegistrations implements Registrations {
  readonly #ghosts: Pick<GhostTable, "findByUserId" | "markRegistered">;
  readonly #known = new Set<string>();

  constructor(ghosts: Pick<GhostTable, "findByUserId" | "markRegistered">) {
    this.#ghosts = ghosts;
  }

  has(userId: string): boolean {
    if (this.#known.has(userId)) return true;
    const isRegistered = this.#ghosts.findByUserId(userId)?.registered === true;
    // It is asked before each request, and no user is ever unknown again.
    if (isRegistered) this.#known.add(userId);
    return isRegistered;
  }

  add(userId: string): void {
    this.#known.add(userId);
    this.#ghosts.markRegistered(userId);
  }
}
