import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import type { Ghosts as GhostRows } from "../store/ghosts.ts";
import type { Log } from "../util/log.ts";
import type { GhostIds } from "./ids.ts";
import { plainName } from "./to-matrix.ts";

export interface GhostsOptions {
  readonly rows: GhostRows;
  readonly ids: GhostIds;
  readonly intent: (userId: string) => UserIntent;
  readonly log: Log;
}

/** The ghosts: which Matrix user stands for whom, and what she is called. */
export class Ghosts {
  readonly #options: GhostsOptions;
  /** Renames that are under way, so that the last name told is the last name known. */
  readonly #renames = new Map<string, Promise<void>>();

  constructor(options: GhostsOptions) {
    this.#options = options;
  }

  /** Acts as the ghost of an account. */
  intent(server: string, passport: string): UserIntent {
    const { rows, ids, intent } = this.#options;
    const userId = ids.userId(server, passport);
    if (rows.find(server, passport) === undefined) {
      rows.save({ server, passport, userId, registered: false, name: null, avatarHash: null });
    }
    return intent(userId);
  }

  /**
   * Makes sure that a ghost goes by `name` before people see it. A name that is only a guess, for instance from a list,
   * counts where the ghost has none yet.
   */
  async introduce(server: string, passport: string, guess: string): Promise<void> {
    const known = this.#options.rows.find(server, passport)?.name;
    await this.#tell(server, passport, known ?? guess);
  }

  /** A contact goes by another name; told to Matrix if there is a ghost that people have seen. */
  rename(server: string, passport: string, name: string): void {
    const row = this.#options.rows.find(server, passport);
    if (row?.registered !== true) return;
    this.#tell(server, passport, name).catch((error: unknown) => {
      this.#options.log.warn({ error, ghost: row.userId }, "a ghost's name could not be changed");
    });
  }

  async #tell(server: string, passport: string, name: string): Promise<void> {
    const userId = this.#options.ids.userId(server, passport);
    const before = this.#renames.get(userId) ?? Promise.resolve();
    const telling = before.then(() => this.#tellNow(server, passport, plainName(name) || passport));
    const settled = telling.catch(() => undefined);
    this.#renames.set(userId, settled);
    void settled.finally(() => {
      if (this.#renames.get(userId) === settled) this.#renames.delete(userId);
    });
    await telling;
  }

  async #tellNow(server: string, passport: string, name: string): Promise<void> {
    const { rows } = this.#options;
    if (rows.find(server, passport)?.name === name) return;
    const ghost = this.intent(server, passport);
    try {
      await ghost.setDisplayName(name);
    } catch (error) {
      // A homeserver may forbid changing names; chatting must not fail over it.
      if (!(error instanceof MatrixError) || error.retryable) throw error;
      this.#options.log.warn({ error, ghost: ghost.userId }, "the homeserver refused a ghost's name");
    }
    rows.save({ ...rows.get(server, passport), name });
  }
}
