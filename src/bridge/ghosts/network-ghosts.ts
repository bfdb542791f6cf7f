import type { GhostIds } from "../../convert/ghost-ids.ts";
import type { GhostDirectory } from "../../matrix/client/intent.ts";

/** The ghosts that there can be: those of accounts on the networks that are configured. */
export class NetworkGhosts implements GhostDirectory {
  readonly #ids: GhostIds;
  readonly #networks: ReadonlySet<string>;

  constructor(ids: GhostIds, networks: ReadonlyArray<{ readonly id: string }>) {
    this.#ids = ids;
    this.#networks = new Set(networks.map(({ id }) => id));
  }

  isGhost(userId: string): boolean {
    const network = this.#ids.parse(userId)?.server;
    return network !== undefined && this.#networks.has(network);
  }
}
