import type { LoginRow } from "../../store/logins.ts";
import type { Calendar } from "../../util/calendar.ts";
import { later } from "../../util/clock.ts";
import type { Alerts } from "../../ops/alerts.ts";
import type { FreeSpace } from "../../ops/free-space.ts";
import type { WaitScope } from "../base/retry.ts";
import { time } from "../words/time.ts";
import type { Network, Session } from "../session/session.ts";

/** A login, as far as it is watched. */
export interface WatchedLogin {
  readonly row: Pick<LoginRow, "id" | "passport">;
  readonly network: Pick<Network, "name">;
  readonly session: Pick<Session, "downSince" | "state">;
}

interface CheckScope extends WaitScope {
  readonly calendar: Calendar;
  readonly alerts: Pick<Alerts, "alert" | "over">;
}

const EVERY_MS = 5 * 60_000;
const STUCK_MS = 60 * 60_000;
// A day of messages takes far less; SQLite needs some for its own.
const LITTLE_BYTES = 100 * 2 ** 20;

/** Looks every few minutes whether the admins should know something. */
export class HealthChecks {
  readonly #scope: CheckScope;
  readonly #logins: { readonly all: readonly WatchedLogin[] };
  readonly #space: Pick<FreeSpace, "bytes">;

  /** @param space where the database is */
  constructor(scope: CheckScope, logins: { readonly all: readonly WatchedLogin[] }, space: Pick<FreeSpace, "bytes">) {
    this.#scope = scope;
    this.#logins = logins;
    this.#space = space;
  }

  start(): void {
    const { clock, log, signal } = this.#scope;
    later(clock, EVERY_MS, signal, () => {
      this.#look().catch((error: unknown) => log.error({ error }, "the regular look at the bridge failed"));
      this.start();
    });
  }

  async #look(): Promise<void> {
    for (const login of this.#logins.all) this.#lookAtLogin(login);
    const free = await this.#space.bytes();
    if (!this.#scope.signal.aborted) this.#lookAtDisk(free);
  }

  #lookAtLogin({ session, row, network }: WatchedLogin): void {
    const { alerts, calendar, clock } = this.#scope;
    const { downSince, state } = session;
    const who = `${row.passport} on ${network.name}`;
    if (downSince === undefined) alerts.over(`login ${row.id}`, `${who} is not stuck any more.`);
    else if (clock.now() - downSince > STUCK_MS) {
      const why = state.type === "waiting" || state.type === "hindered" ? `: ${state.error.message}` : "";
      alerts.alert(
        `login ${row.id}`,
        `${who} has not been connected to MSN since ${time(calendar.dateOf(downSince))}${why}.`,
      );
    }
  }

  #lookAtDisk(free: number): void {
    const { alerts } = this.#scope;
    const left = `The disk with the database has ${Math.round(free / 2 ** 20)} MiB left`;
    if (free < LITTLE_BYTES)
      alerts.alert(
        "disk",
        `${left}. When it is full, the bridge signs out of MSN and takes nothing from Matrix until there is space.`,
      );
    else if (free > 2 * LITTLE_BYTES) alerts.over("disk", `${left} again.`);
  }
}
