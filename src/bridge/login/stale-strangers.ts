import { labelOfChat } from "../../convert/names.ts";
import { accountKey } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import { later } from "../../util/clock.ts";
import type { BaseScope } from "../base/scope.ts";
import { invitationsWithdrawn } from "../words/strangers.ts";
import type { Login } from "./login.ts";

interface StaleScope extends Pick<BaseScope, "clock" | "log" | "notices" | "signal"> {
  readonly store: Pick<BaseScope["store"], "backlog" | "batch" | "portalMembers" | "portals" | "run" | "transfers">;
}

/** A login, as far as its strangers are forgotten. */
interface StaleLogin extends Pick<Login, "mainIntentOf" | "nameOf"> {
  readonly row: Pick<Login["row"], "id" | "owner" | "passport">;
  readonly portals: Pick<Login["portals"], "of" | "forget" | "welcome">;
}

const EVERY_MS = 6 * 60 * 60_000;
// For how long the bridge has to run after the last word, whatever the machine's date is set to.
const FORGOTTEN_MS = 14 * 24 * 60 * 60_000;
const NAMED = 10;

/**
 * Forgets strangers to whom the owner has not come, some weeks after their last word: the invitation is withdrawn, and the
 * ghosts leave, so that nothing is left of a flood. What waits for the owner is never forgotten.
 */
export class StaleStrangers {
  readonly #scope: StaleScope;
  readonly #logins: { readonly all: readonly StaleLogin[] };

  constructor(scope: StaleScope, logins: { readonly all: readonly StaleLogin[] }) {
    this.#scope = scope;
    this.#logins = logins;
  }

  start(): void {
    const { clock, log, signal } = this.#scope;
    later(clock, EVERY_MS, signal, () => {
      this.#forgetAll()
        .catch((error: unknown) => log.warn({ error }, "strangers could not be forgotten"))
        .finally(() => this.start());
    });
  }

  async #forgetAll(): Promise<void> {
    for (const login of this.#logins.all) {
      const rows = (["stranger", "ignored"] as const).flatMap((one) =>
        this.#scope.store.portals.listStanding(login.row.id, one).filter((row) => this.#isStale(row)),
      );
      const gone: PortalRow[] = [];
      for (const row of rows) if (!(await this.#hasCome(login, row))) gone.push(row);
      if (this.#scope.signal.aborted) return;
      if (gone.length > 0) this.#forget(login, gone);
    }
  }

  #isStale({ id, heard }: PortalRow): boolean {
    const { portals, run } = this.#scope.store;
    if (heard === 0) portals.setHeard(id, run.totalMs);
    return heard !== 0 && run.totalMs - heard >= FORGOTTEN_MS && this.#isEmpty(id);
  }

  #isEmpty(id: number): boolean {
    const { backlog, transfers } = this.#scope.store;
    const waiting = (["to-matrix", "to-msn"] as const).some((direction) => backlog.of(direction, id).rows > 0);
    return !waiting && transfers.list(id).length === 0;
  }

  // Their coming may never have been told. Where the homeserver does not say, it is asked the next time.
  async #hasCome(login: StaleLogin, row: PortalRow): Promise<boolean> {
    if (row.roomId === null) return false;
    try {
      const isThere = (await login.mainIntentOf(row).membership(row.roomId, login.row.owner)) === "join";
      if (isThere) login.portals.welcome(row);
      return isThere;
    } catch (error) {
      this.#scope.log.debug({ error, portal: row.id }, "it could not be seen whether somebody came to a stranger");
      return true;
    }
  }

  #forget(login: StaleLogin, rows: readonly PortalRow[]): void {
    const { store, notices } = this.#scope;
    const names = new Map(rows.map((row) => [row.id, this.#nameOf(login, row)]));
    const withdrawn: string[] = [];
    store.batch(() => {
      withdrawn.length = 0;
      for (const { id } of rows) {
        // What was handed over meanwhile is written first.
        const row = store.portals.get(id);
        if (!this.#isEmpty(id) || !["stranger", "ignored"].includes(row.standing)) continue;
        if (row.roomId !== null) {
          login.portals.of(row).room.lose(row.roomId, "unanswered");
          withdrawn.push(names.get(id) ?? row.remote);
        }
        login.portals.forget(row);
      }
      if (withdrawn.length > 0)
        notices.tell(
          login.row.owner,
          invitationsWithdrawn(login.row.passport, withdrawn.slice(0, NAMED), withdrawn.length),
        );
    });
  }

  #nameOf(login: StaleLogin, { id, kind, remote }: PortalRow): string {
    const people = kind === "direct" ? [remote] : this.#scope.store.portalMembers.list(id);
    return labelOfChat(people, (account) => login.nameOf(accountKey(account)));
  }
}
