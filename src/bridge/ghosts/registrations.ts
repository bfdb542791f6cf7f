import type { Registrations } from "../../matrix/client/intent.ts";
import type { GhostTable } from "../../store/ghosts.ts";

/** Which of our users the homeserver knows: of ghosts it is on disk, of the bot it is asked once a run. */
export class GhostRegistrations implements Registrations {
  readonly #ghosts: GhostTable;
  readonly #known = new Set<string>();

  constructor(ghosts: GhostTable) {
    this.#ghosts = ghosts;
  }

  has(userId: string): boolean {
    return this.#known.has(userId) || this.#ghosts.findByUserId(userId)?.registered === true;
  }

  add(userId: string): void {
    this.#known.add(userId);
    this.#ghosts.markRegistered(userId);
  }
}
