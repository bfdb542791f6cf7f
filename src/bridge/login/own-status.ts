import { MsnError, STATUSES, type Status } from "../../msn/index.ts";
import type { LoginTable, StatusPolicy } from "../../store/logins.ts";
import type { Clock, Timer } from "../../util/clock.ts";
import { Drain } from "../../util/drain.ts";
import type { Log } from "../../util/log.ts";
import type { Activity, OwnPresence, SeenPresence } from "../presence/activity.ts";
import type { Session } from "../session/session.ts";
import type { SessionState } from "../session/state.ts";
import type { Settings } from "../base/settings.ts";

export interface OwnStatusOptions {
  readonly row: { readonly id: number; readonly owner: string };
  readonly session: Pick<Session, "state" | "status" | "changeStatus">;
  readonly rows: Pick<LoginTable, "get" | "statusPolicy" | "setStatusPolicy" | "setWantedStatus">;
  readonly activity: Activity;
  readonly settings: Pick<Settings, "presence">;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// Clients come and go in seconds, for instance when a phone changes networks.
const AWAY_AFTER_MS = 30_000;
// Servers refuse those who change too much (docs/msnp.md 6); later they may not.
const RETRY_MS = 60_000;

const FOLLOWED: Readonly<Record<OwnPresence, Status>> = {
  online: "NLN",
  busy: "BSY",
  unavailable: "AWY",
  offline: "AWY",
};

/** Sees to it that a login shows its contacts the status that it should. */
export class OwnStatus {
  readonly #options: OwnStatusOptions;
  readonly #drain: Drain;
  #timer: Timer | undefined;
  /** Until when the server is not asked again, in milliseconds since the epoch. */
  #restUntil = 0;

  constructor(options: OwnStatusOptions) {
    this.#options = options;
    this.#drain = new Drain(
      () => this.#apply(),
      (error) => this.#failed(error),
    );
    options.signal.addEventListener("abort", () => this.#timer?.cancel(), { once: true });
  }

  get policy(): StatusPolicy {
    const { rows, row, settings } = this.#options;
    return rows.statusPolicy(row.id) ?? settings.presence.policy;
  }

  /** The status that contacts should see now. */
  get wanted(): Status {
    return this.#right.status;
  }

  /** The person chooses a status herself, which stands from now on. */
  choose(status: Exclude<Status, "FLN">): void {
    const { rows, row } = this.#options;
    rows.setWantedStatus(row.id, status);
    this.setPolicy("manual");
  }

  setPolicy(policy: StatusPolicy): void {
    const { rows, row } = this.#options;
    rows.setStatusPolicy(row.id, policy);
    this.check();
  }

  /** The session of the login has begun or ended. */
  see(state: SessionState): void {
    this.#restUntil = 0;
    if (state.type === "connected") this.check();
    else this.#timer?.cancel();
  }

  /** Something may have changed: the person has done something, or time has passed. */
  check(): void {
    const { session, signal } = this.#options;
    if (session.state.type === "connected" && !signal.aborted) this.#drain.wake();
  }

  // A change that comes meanwhile wakes the drain again.
  async #apply(): Promise<boolean> {
    const { session, clock } = this.#options;
    if (session.state.type !== "connected" || clock.now() < this.#restUntil) return false;
    const { status, until } = this.#right;
    if (until !== undefined) this.#checkAt(until);
    if (status !== session.status) await session.changeStatus(status);
    return false;
  }

  #failed(error: unknown): void {
    const { log, row, clock } = this.#options;
    log.info({ error: error instanceof MsnError ? error.message : error, login: row.id }, "a status was not set");
    this.#restUntil = clock.now() + RETRY_MS;
    this.#checkAt(this.#restUntil);
  }

  get #right(): Right {
    const { rows, row } = this.#options;
    switch (this.policy) {
      case "always":
        return { status: "NLN" };
      case "follow":
        return this.#follow();
      case "manual": {
        const { wantedStatus } = rows.get(row.id);
        return { status: STATUSES.find((status) => status === wantedStatus && status !== "FLN") ?? "NLN" };
      }
    }
  }

  #follow(): Right {
    const { clock, activity, row, session } = this.#options;
    const seen = activity.presenceOf(row.owner);
    if (seen === undefined) return followActivity(activity.activeUntil(row.owner));
    return followPresence(seen, session.status, clock.now());
  }

  #checkAt(at: number): void {
    const { clock, signal } = this.#options;
    this.#timer?.cancel();
    if (signal.aborted) return;
    this.#timer = clock.after(Math.max(0, at - clock.now()), () => this.check());
  }
}

/** The right status, and until when it is that at least, in milliseconds since the epoch. */
interface Right {
  readonly status: Status;
  readonly until?: number;
}

// Where the homeserver says nothing of her, what she does has to do.
function followActivity(activeUntil: number | undefined): Right {
  return activeUntil === undefined ? { status: "AWY" } : { status: "NLN", until: activeUntil };
}

// She is there at once, but away only after a while.
function followPresence({ presence, at }: SeenPresence, shown: Status, now: number): Right {
  const status = FOLLOWED[presence];
  const until = at + AWAY_AFTER_MS;
  const isThere = shown === "NLN" || shown === "BSY";
  return status === "AWY" && isThere && now < until ? { status: shown, until } : { status };
}
