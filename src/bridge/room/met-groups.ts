import type { PortalRow } from "../../store/portals.ts";

// What is forgotten is found again by the people of the group.
const KEPT = 2000;

/** Which portal a group conversation of this run belongs to. */
export class MetGroups {
  /** By the id of the conversation; the last met is last. */
  readonly #portals = new Map<string, PortalRow>();

  /** The portal of a conversation; undefined: it has not been met. */
  find(id: string): PortalRow | undefined {
    return this.#portals.get(id);
  }

  /** The conversation in which a portal was last met. */
  lastOf(portalId: number): string | undefined {
    let last: string | undefined;
    for (const [id, { id: known }] of this.#portals) if (known === portalId) last = id;
    return last;
  }

  met(id: string, portal: PortalRow): void {
    this.#portals.delete(id);
    this.#portals.set(id, portal);
    const [oldest] = this.#portals.keys();
    if (oldest !== undefined && this.#portals.size > KEPT) this.#portals.delete(oldest);
  }

  /** The portal is no more. */
  forget(portalId: number): void {
    for (const [id, { id: known }] of this.#portals) if (known === portalId) this.#portals.delete(id);
  }
}
