import type { Status } from "../../msn/index.ts";
import { bestOf } from "./states.ts";

/** Which login sees which ghost, in what status. What is offline is not kept. */
export class Sightings {
  readonly #byLogin = new Map<number, Map<string, Status>>();
  /** Who sees each ghost: mostly one login, for which a list would cost more than all else. */
  readonly #byGhost = new Map<string, number | readonly number[]>();
  /** What was seen by sessions that have ended, which would not be told who went since. */
  readonly #stale = new Map<number, Set<string>>();

  /** The ghosts that any login sees. */
  get ghosts(): Iterable<string> {
    return this.#byGhost.keys();
  }

  /** A login sees a ghost in a status. */
  see(loginId: number, userId: string, status: Status): void {
    if (status === "FLN" || status === "HDN") return this.#forget(loginId, userId);
    this.#stale.get(loginId)?.delete(userId);
    const seen = this.#byLogin.get(loginId) ?? new Map<string, Status>();
    this.#byLogin.set(loginId, seen);
    const isNew = !seen.has(userId);
    seen.set(userId, status);
    if (isNew) this.#setWatchers(userId, [...this.#watchers(userId), loginId]);
  }

  /** The best that any login sees of a ghost. */
  best(userId: string): Status {
    const watchers = this.#byGhost.get(userId);
    if (typeof watchers === "number") return this.#byLogin.get(watchers)?.get(userId) ?? "FLN";
    return bestOf((watchers ?? []).flatMap((loginId) => this.#byLogin.get(loginId)?.get(userId) ?? []));
  }

  /** What a login saw is from an earlier session now. */
  markStale(loginId: number): void {
    const seen = this.#byLogin.get(loginId);
    if (seen !== undefined) this.#stale.set(loginId, new Set(seen.keys()));
  }

  /**
   * Forgets what a login saw: all of it, or only what is from an earlier session.
   * @returns the ghosts it was about
   */
  drop(loginId: number, which: "all" | "stale"): string[] {
    const dropped = which === "all" ? this.#byLogin.get(loginId)?.keys() : this.#stale.get(loginId);
    const userIds = [...(dropped ?? [])];
    this.#stale.delete(loginId);
    for (const userId of userIds) this.#forget(loginId, userId);
    return userIds;
  }

  /** No login sees a ghost any more. */
  clear(): void {
    for (const map of [this.#byGhost, this.#byLogin, this.#stale]) map.clear();
  }

  #forget(loginId: number, userId: string): void {
    this.#stale.get(loginId)?.delete(userId);
    const seen = this.#byLogin.get(loginId);
    if (seen?.delete(userId) !== true) return;
    if (seen.size === 0) this.#byLogin.delete(loginId);
    this.#setWatchers(
      userId,
      this.#watchers(userId).filter((other) => other !== loginId),
    );
  }

  #watchers(userId: string): readonly number[] {
    const watchers = this.#byGhost.get(userId) ?? [];
    return typeof watchers === "number" ? [watchers] : watchers;
  }

  #setWatchers(userId: string, watchers: readonly number[]): void {
    const [first] = watchers;
    if (first === undefined) this.#byGhost.delete(userId);
    else this.#byGhost.set(userId, watchers.length === 1 ? first : watchers);
  }
}
