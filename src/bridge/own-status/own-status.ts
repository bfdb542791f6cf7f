import { MsnError, type Status } from "../../msn/index.ts";
import type { StatusPolicy } from "../../store/logins.ts";
import { later, type Timer } from "../../util/clock.ts";
import { Drain, type Drained } from "../../util/drain.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { Session, SessionState } from "../session/session.ts";
import type { WantedStatus } from "./wanted-status.ts";

// Servers refuse those who change too much (docs/msnp.md 6); later they may not.
const RETRY_MS = 60_000;

interface OwnStatusScope extends BridgeScope, Pick<LoginScope, "row"> {
  readonly session: Pick<Session, "state" | "status" | "changeStatus">;
}

/** Sees to it that a login shows its contacts the status that it should. */
export class OwnStatus implements Drained {
  readonly #scope: OwnStatusScope;
  readonly #wanted: WantedStatus;
  readonly #drain = new Drain(this);
  #timer: Timer | undefined;
  /** Until when the server is not asked again. */
  #restUntil = -Infinity;

  constructor(scope: OwnStatusScope, wanted: WantedStatus) {
    this.#scope = scope;
    this.#wanted = wanted;
  }

  get policy(): StatusPolicy {
    return this.#wanted.policy;
  }

  /** The status that contacts should see now. */
  get wanted(): Status {
    return this.#wanted.statusAfter(this.#scope.session.status);
  }

  /** The user chooses a status, which stands from now on. */
  choose(status: Exclude<Status, "FLN">): void {
    this.#wanted.choose(status);
    this.check();
  }

  setPolicy(policy: StatusPolicy): void {
    this.#wanted.set(policy);
    this.check();
  }

  /** The session of the login has begun or ended. */
  see(state: SessionState): void {
    this.#restUntil = -Infinity;
    if (state.type === "connected") this.check();
    else this.#timer?.cancel();
  }

  /** Something may have changed: the user has done something, or time has passed. */
  check(): void {
    const { session, signal } = this.#scope;
    if (session.state.type === "connected" && !signal.aborted) this.#drain.wake();
  }

  // A change that comes meanwhile wakes the drain again.
  async step(): Promise<boolean> {
    const { session, clock } = this.#scope;
    if (session.state.type !== "connected" || clock.now() < this.#restUntil) return false;
    const { status, until } = this.#wanted.rightAfter(session.status);
    if (until !== undefined) this.#checkAt(until);
    if (status !== session.status) await session.changeStatus(status);
    return false;
  }

  onError(error: unknown): void {
    const { log, row, clock } = this.#scope;
    log.info({ error: error instanceof MsnError ? error.message : error, login: row.id }, "a status was not set");
    this.#restUntil = clock.now() + RETRY_MS;
    this.#checkAt(this.#restUntil);
  }

  #checkAt(at: number): void {
    const { clock, signal } = this.#scope;
    this.#timer?.cancel();
    this.#timer = later(clock, Math.max(0, at - clock.now()), signal, () => this.check());
  }
}
