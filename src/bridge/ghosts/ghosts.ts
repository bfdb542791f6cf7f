import { isRefusal } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { sleep } from "../../util/clock.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { retry } from "../base/retry.ts";
import type { BaseScope } from "../base/scope.ts";
import type { GhostIds } from "../../convert/ghost-ids.ts";
import { plainName } from "../../convert/to-matrix.ts";

/** Acts as our users. */
interface Intents {
  /** Always the same for the same user. */
  intent(userId: string): UserIntent;
}

// What the homeserver is asked to change of profiles, over the whole bridge: each change goes to every room of the ghost.
const PACE = { burst: 20, everyMs: 100 };
// Some people have their clients change their names all the time.
const GATHER_MS = 250;

/** Whom a ghost stands for. */
interface Account {
  readonly server: string;
  readonly passport: string;
}

/** What a ghost is to be called. */
interface Wish extends Account {
  readonly name: string;
}

/** The ghosts: which Matrix user stands for which account, and what they are called. */
export class Ghosts {
  readonly #scope: BaseScope;
  readonly #ids: GhostIds;
  readonly #homeserver: Intents;
  readonly #rate: RateLimit;
  /** Of those whom people see already: who changes names all the time keeps nobody from a room, which waits for a name. */
  readonly #renames: RateLimit;
  /** The last name of those who are called something else now, by user id, in the order in which they changed. */
  readonly #wanted = new Map<string, Wish>();
  /** What contacts are called as far as was heard in this turn, by network and passport. */
  readonly #heard = new Map<string, Map<string, string>>();
  /** What is being told about a ghost, so that the last name told is the last name known. */
  readonly #telling = new Map<string, Promise<void>>();
  #isRenaming = false;

  constructor(scope: BaseScope, ids: GhostIds, homeserver: Intents) {
    this.#scope = scope;
    this.#ids = ids;
    this.#homeserver = homeserver;
    this.#rate = new RateLimit(scope.clock, PACE);
    this.#renames = new RateLimit(scope.clock, PACE);
  }

  /** The user who stands for an account. */
  userId(server: string, passport: string): string {
    return this.#ids.userId(server, passport);
  }

  isGhost(userId: string): boolean {
    return this.#ids.isGhost(userId);
  }

  /** The account for which a user stands, if it is one of ours, known or not. */
  accountOf(userId: string): { server: string; passport: string } | undefined {
    return this.#ids.parse(userId);
  }

  /** Acts as the ghost of an account. */
  intent(server: string, passport: string): UserIntent {
    const { ghosts: rows } = this.#scope.store;
    const userId = this.#ids.userId(server, passport);
    if (rows.find(server, passport) === undefined) {
      rows.save({ server, passport, userId, registered: false, name: null, avatarHash: null });
    }
    return this.byUserId(userId);
  }

  /** Acts as a ghost that is known. */
  byUserId(userId: string): UserIntent {
    return this.#homeserver.intent(userId);
  }

  /**
   * Makes sure that a ghost goes by `name` before people see it. A name that is only a guess, for instance from a list,
   * counts where the ghost has none yet.
   */
  async introduce(server: string, passport: string, guess: string): Promise<void> {
    const known = this.#scope.store.ghosts.find(server, passport)?.name;
    await this.#tell({ server, passport }, known ?? guess);
  }

  /**
   * A contact goes by another name; told to Matrix if there is a ghost that people have seen. Of many names in a short
   * time only the last is told for certain.
   */
  rename(server: string, passport: string, name: string): void {
    if (this.#heard.size === 0) setImmediate(() => this.#compareAll());
    const names = this.#heard.get(server) ?? new Map<string, string>();
    this.#heard.set(server, names.set(passport.toLowerCase(), name));
  }

  /**
   * Sets the name that the homeserver shows of a ghost if it is not what it should be.
   * @returns whether it was not
   * @throws MatrixError
   */
  async correct(server: string, passport: string, name: string): Promise<boolean> {
    const { ghosts: rows } = this.#scope.store;
    const row = rows.find(server, passport);
    if (row?.registered !== true) return false;
    const told = await this.intent(server, passport).displayName();
    if (told === shown(name, passport)) return false;
    rows.save({ ...row, name: told ?? null });
    await this.#tell({ server, passport }, name);
    return true;
  }

  // Signing in tells the names of all contacts at once, and hardly any of them is new.
  #compareAll(): void {
    const { log, signal } = this.#scope;
    const heard = [...this.#heard];
    this.#heard.clear();
    if (signal.aborted) return;
    try {
      for (const [server, names] of heard) this.#compare(server, names);
    } catch (error) {
      log.error({ error }, "the names of contacts could not be compared with those that Matrix was told");
    }
  }

  #compare(server: string, names: ReadonlyMap<string, string>): void {
    const { ghosts: rows } = this.#scope.store;
    const isWaiting = this.#wanted.size + this.#telling.size > 0;
    for (const [passport, name] of isWaiting ? names : []) {
      const userId = this.#ids.userId(server, passport);
      if (this.#wanted.has(userId) || this.#telling.has(userId)) this.#wanted.set(userId, { server, passport, name });
    }
    for (const { userId, passport, name: told } of rows.listOtherwise(server, names)) {
      const name = names.get(passport) ?? "";
      if (told !== shown(name, passport)) this.#wanted.set(userId, { server, passport, name });
    }
    if (this.#isRenaming || this.#wanted.size === 0) return;
    this.#isRenaming = true;
    void this.#renameAll();
  }

  async #renameAll(): Promise<void> {
    const { clock, signal } = this.#scope;
    while (this.#wanted.size > 0) {
      await sleep(clock, GATHER_MS, signal);
      if (signal.aborted) return;
      // Those who are called something else again meanwhile have their turn with the next ones.
      const round = [...this.#wanted.keys()];
      for (const userId of round) await this.#renameNow(userId);
    }
    this.#isRenaming = false;
  }

  async #renameNow(userId: string): Promise<void> {
    const { clock, log, signal } = this.#scope;
    try {
      await retry(() => this.#tellWanted(userId), { clock, signal, tries: Number.POSITIVE_INFINITY });
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ error, ghost: userId }, "a ghost's name could not be changed");
      this.#wanted.delete(userId);
    }
  }

  /** Tells the last name of a ghost, which may be another than at the try before. @throws MatrixError */
  async #tellWanted(userId: string): Promise<void> {
    const wish = this.#wanted.get(userId);
    if (wish === undefined || this.#scope.signal.aborted) return;
    await this.#tell(wish, wish.name, this.#renames);
    if (this.#wanted.get(userId) === wish) this.#wanted.delete(userId);
  }

  async #tell(account: Account, name: string, rate = this.#rate): Promise<void> {
    const userId = this.#ids.userId(account.server, account.passport);
    const before = this.#telling.get(userId) ?? Promise.resolve();
    const telling = before.then(() => this.#tellNow(account, shown(name, account.passport), rate));
    const settled = telling.catch(() => undefined);
    this.#telling.set(userId, settled);
    void settled.finally(() => {
      if (this.#telling.get(userId) === settled) this.#telling.delete(userId);
    });
    await telling;
  }

  async #tellNow({ server, passport }: Account, name: string, rate: RateLimit): Promise<void> {
    const { ghosts: rows } = this.#scope.store;
    if (rows.find(server, passport)?.name === name) return;
    const ghost = this.intent(server, passport);
    if (!(await this.#turn(rate))) return;
    try {
      await ghost.setDisplayName(name);
    } catch (error) {
      // A homeserver may forbid changing names; chatting must not fail over it.
      if (!isRefusal(error)) throw error;
      this.#scope.log.warn({ error, ghost: ghost.userId }, "the homeserver refused a ghost's name");
    }
    rows.save({ ...rows.get(server, passport), name });
  }

  // No timer may outlive the bridge, so the rate is asked again and again instead of being waited for.
  async #turn(rate: RateLimit): Promise<boolean> {
    const { clock, signal } = this.#scope;
    while (!signal.aborted) {
      if (rate.take()) return true;
      await sleep(clock, PACE.everyMs, signal);
    }
    return false;
  }
}

function shown(name: string, passport: string): string {
  return plainName(name) || passport;
}
