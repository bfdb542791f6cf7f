import type { LoginRow } from "../../store/logins.ts";
import { later, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import type { Alerts } from "../../ops/alerts.ts";
import { time } from "../words/time.ts";
import type { Network, Session } from "../session/session.ts";

/** A login, as far as it is watched. */
export interface WatchedLogin {
  readonly row: Pick<LoginRow, "id" | "passport">;
  readonly network: Pick<Network, "name">;
  readonly session: Pick<Session, "downSince" | "state">;
}

export interface WatchOptions {
  readonly logins: { readonly all: readonly WatchedLogin[] };
  readonly alerts: Pick<Alerts, "alert" | "over">;
  /** How many bytes there is room for where the database is. */
  readonly freeBytes: () => Promise<number>;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const EVERY_MS = 5 * 60_000;
const STUCK_MS = 60 * 60_000;
// A day of messages takes far less; SQLite needs some for its own.
const LITTLE_BYTES = 100 * 2 ** 20;

/** Looks every few minutes whether those who run the bridge should know something. */
export function watch(options: WatchOptions): void {
  const { clock, log, signal } = options;
  later(clock, EVERY_MS, signal, () => {
    look(options).catch((error: unknown) => log.error({ error }, "the regular look at the bridge failed"));
    watch(options);
  });
}

async function look(options: WatchOptions): Promise<void> {
  for (const login of options.logins.all) lookAtLogin(login, options);
  const free = await options.freeBytes();
  if (!options.signal.aborted) lookAtDisk(free, options.alerts);
}

function lookAtLogin({ session, row, network }: WatchedLogin, { alerts, clock }: WatchOptions): void {
  const { downSince, state } = session;
  const who = `${row.passport} on ${network.name}`;
  if (downSince === undefined) alerts.over(`login ${row.id}`, `${who} is not stuck any more.`);
  else if (clock.now() - downSince > STUCK_MS) {
    const why = state.type === "waiting" || state.type === "hindered" ? `: ${state.error.message}` : "";
    alerts.alert(`login ${row.id}`, `${who} has not been connected to MSN since ${time(downSince)}${why}.`);
  }
}

function lookAtDisk(free: number, alerts: WatchOptions["alerts"]): void {
  const left = `The disk with the database has ${Math.round(free / 2 ** 20)} MiB left`;
  if (free < LITTLE_BYTES)
    alerts.alert(
      "disk",
      `${left}. When it is full, the bridge signs out of MSN and takes nothing from Matrix until there is space.`,
    );
  else if (free > 2 * LITTLE_BYTES) alerts.over("disk", `${left} again.`);
}
