import type { Log } from "../../util/log.ts";
import type { PermissionLevel } from "../base/permissions.ts";
import type { BaseScope } from "../base/scope.ts";
import type { Login } from "../login/login.ts";
import type { Logins } from "../login/logins.ts";
import type { SessionState } from "../session/session.ts";

/** How the bridge is. Times are milliseconds since the epoch. */
export interface BridgeStats {
  readonly startedAt: number;
  readonly logins: ReadonlyMap<SessionState["type"], number>;
  readonly portals: number;
  readonly portalsWithRoom: number;
  /** What has been accepted and not yet settled. */
  readonly waiting: { readonly toMsn: number; readonly toMatrix: number };
  /** When the oldest of it was accepted. */
  readonly oldest: number | undefined;
  /** What the bot has to say and has not said yet. */
  readonly notices: number;
  /** Of the whole process, in bytes. */
  readonly memory: number;
}

/** What the admins can see and do. */
export class Stats {
  readonly #scope: BaseScope;
  readonly #logins: Logins;
  readonly #startedAt: number;

  constructor(scope: BaseScope, logins: Logins) {
    this.#scope = scope;
    this.#logins = logins;
    this.#startedAt = scope.clock.now();
  }

  get logins(): readonly Login[] {
    return this.#logins.all;
  }

  get log(): Log {
    return this.#scope.log;
  }

  levelOf(userId: string): PermissionLevel {
    return this.#scope.permissions.levelOf(userId);
  }

  /** Tells a user something as the bot. */
  tell(owner: string, text: string): void {
    this.#scope.notices.tell(owner, text);
  }

  /** Tells several people the same, all or none of them. */
  broadcast(people: readonly string[], text: string): void {
    this.#scope.store.batch(() => {
      for (const owner of people) this.tell(owner, text);
    });
  }

  /** Those who talk to the bot or have a login, in the order of their names. */
  people(): string[] {
    const { store } = this.#scope;
    const owners = [...store.managementRooms.list(), ...store.logins.list()].map(({ owner }) => owner);
    return [...new Set(owners)].toSorted();
  }

  /** Those with a login that is kept signed in. */
  signedIn(): string[] {
    return this.#logins.signedIn();
  }

  stats(): BridgeStats {
    const { store } = this.#scope;
    const portals = store.portals.list();
    const { journal } = store;
    // Commands are run under rows of the journal as well, and are no messages; the one that asks this is among them.
    const isMessage = (id: number): boolean => journal.get(id).portalId !== null || journal.get(id).state !== "sending";
    const toMsn = journal.listOpen("to-msn").filter(isMessage);
    const waiting = { toMsn, toMatrix: journal.listOpen("to-matrix") };
    const oldest = [waiting.toMsn[0], waiting.toMatrix[0]].flatMap((id) =>
      id === undefined ? [] : [journal.get(id).created],
    );
    const states = new Map<SessionState["type"], number>();
    for (const { session } of this.logins) states.set(session.state.type, (states.get(session.state.type) ?? 0) + 1);
    return {
      startedAt: this.#startedAt,
      logins: states,
      portals: portals.length,
      portalsWithRoom: portals.filter(({ roomId }) => roomId !== null).length,
      waiting: { toMsn: waiting.toMsn.length, toMatrix: waiting.toMatrix.length },
      oldest: oldest.length === 0 ? undefined : Math.min(...oldest),
      notices: store.notices.count(),
      memory: process.memoryUsage().rss,
    };
  }
}
