import type { BaseScope } from "../base/scope.ts";
import type { Logins } from "../login/logins.ts";
import type { SessionState } from "../session/session.ts";

/** How the bridge is. */
export interface BridgeStats {
  readonly startedAt: Date;
  readonly logins: ReadonlyMap<SessionState["type"], number>;
  readonly portals: number;
  readonly portalsWithRoom: number;
  /** What has been accepted and not yet settled. */
  readonly waiting: { readonly toMsn: number; readonly toMatrix: number };
  /** For how long the oldest of it has waited, in milliseconds. */
  readonly oldest: number | undefined;
  /** What the bot has to say and has not said yet. */
  readonly notices: number;
  /** Of the whole process, in bytes. */
  readonly memory: number;
}

/** What the actions of an admin work on. */
export interface AdminScope {
  readonly bridge: BaseScope;
  readonly logins: Logins;
  /** When the bridge was started: a moment of the clock. */
  readonly startedAt: number;
}

/** How the bridge is at this moment. */
export function bridgeStats({ bridge: { store, calendar }, logins, startedAt }: AdminScope): BridgeStats {
  const { journal } = store;
  const portals = store.portals.list();
  // Commands are run under rows of the journal as well, and are no messages; the one that asks this is among them.
  const isMessage = (id: number): boolean => journal.get(id).portalId !== null || journal.get(id).state !== "sending";
  const toMsn = journal.listOpen("to-msn").filter(isMessage);
  const waiting = { toMsn, toMatrix: journal.listOpen("to-matrix") };
  const oldest = [waiting.toMsn[0], waiting.toMatrix[0]].flatMap((id) =>
    id === undefined ? [] : [calendar.ageOf(journal.get(id).created)],
  );
  const states = new Map<SessionState["type"], number>();
  for (const { session } of logins.all) states.set(session.state.type, (states.get(session.state.type) ?? 0) + 1);
  return {
    startedAt: calendar.dateOf(startedAt),
    logins: states,
    portals: portals.length,
    portalsWithRoom: portals.filter(({ roomId }) => roomId !== null).length,
    waiting: { toMsn: waiting.toMsn.length, toMatrix: waiting.toMatrix.length },
    oldest: oldest.length === 0 ? undefined : Math.max(...oldest),
    notices: store.notices.count(),
    memory: process.memoryUsage().rss,
  };
}
