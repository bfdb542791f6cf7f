import type { Status } from "../../msn/index.ts";
import { bestOf } from "./states.ts";

interface Sighting {
  readonly status: Status;
  /** Seen by a session that has ended, which would not be told who went since. */
  isStale: boolean;
}

/** Which login sees which ghost, in what status. What is offline is not kept. */
export class Sightings {
  readonly #byGhost = new Map<string, Map<number, Sighting>>();
  readonly #byLogin = new Map<number, Set<string>>();

  /** The ghosts that any login sees. */
  get ghosts(): Iterable<string> {
    return this.#byGhost.keys();
  }

  /** A login sees a ghost in a status. */
  see(loginId: number, userId: string, status: Status): void {
    if (status === "FLN" || status === "HDN") return this.#forget(loginId, userId);
    const sightings = this.#byGhost.get(userId) ?? new Map<number, Sighting>();
    this.#byGhost.set(userId, sightings.set(loginId, { status, isStale: false }));
    this.#byLogin.set(loginId, (this.#byLogin.get(loginId) ?? new Set()).add(userId));
  }

  /** The best that any login sees of a ghost. */
  best(userId: string): Status {
    return bestOf([...(this.#byGhost.get(userId)?.values() ?? [])].map(({ status }) => status));
  }

  /** What a login saw is from an earlier session now. */
  markStale(loginId: number): void {
    for (const userId of this.#byLogin.get(loginId) ?? []) {
      const sighting = this.#byGhost.get(userId)?.get(loginId);
      if (sighting !== undefined) sighting.isStale = true;
    }
  }

  /**
   * Forgets what a login saw: all of it, or only what is from an earlier session.
   * @returns the ghosts it was about
   */
  drop(loginId: number, which: "all" | "stale"): string[] {
    const dropped = [...(this.#byLogin.get(loginId) ?? [])].filter(
      (userId) => which === "all" || this.#byGhost.get(userId)?.get(loginId)?.isStale === true,
    );
    for (const userId of dropped) this.#forget(loginId, userId);
    return dropped;
  }

  /** No login sees a ghost any more. */
  clear(): void {
    this.#byGhost.clear();
    this.#byLogin.clear();
  }

  #forget(loginId: number, userId: string): void {
    const sightings = this.#byGhost.get(userId);
    sightings?.delete(loginId);
    if (sightings?.size === 0) this.#byGhost.delete(userId);
    const ghosts = this.#byLogin.get(loginId);
    ghosts?.delete(userId);
    if (ghosts?.size === 0) this.#byLogin.delete(loginId);
  }
}
