import { MsnError } from "../../msn/index.ts";
import type { Disk } from "../../store/disk.ts";
import { later } from "../../util/clock.ts";
import type { WaitScope } from "../base/retry.ts";
import type { Alerts } from "../../ops/alerts.ts";
import type { RestState } from "../session/state.ts";
import type { Session } from "../session/session.ts";

/** A login, as far as a full disk concerns it. */
interface PausedLogin {
  readonly unstored: { retry(): void };
  readonly session: Pick<Session, "read" | "state">;
}

interface PausedLogins<T extends PausedLogin> {
  readonly all: readonly T[];
  reconnect(login: T): boolean;
}

interface LoginSignOuts<T extends PausedLogin> {
  leave(login: T, next: RestState): Promise<void>;
}

interface DiskScope extends WaitScope {
  readonly store: { readonly disk: Pick<Disk, "state" | "onChange" | "recover"> };
  readonly alerts: Pick<Alerts, "alert" | "over">;
}

// Well within the time after which an answer that is not read counts as missing (docs/msnp.md 4.4).
const SIGN_OUT_MS = 4000;
const LOOK_MS = 1500;

const HINDERED = {
  type: "hindered",
  error: new MsnError("connection-closed", "the disk of this bridge is full"),
} as const;
const FULL =
  "The disk with the database is full. The bridge takes nothing from Matrix and is signed out of MSN until there is " +
  "space again: free some.";

/**
 * What cannot be written down is not accepted: while the disk is full nothing is read from MSN. If that lasts, the logins
 * are signed out, so that contacts see them offline, and signed in again once there is room.
 */
export class FullDisk<T extends PausedLogin> {
  readonly #scope: DiskScope;
  readonly #logins: PausedLogins<T>;
  readonly #signOuts: LoginSignOuts<T>;
  readonly #out = new Set<T>();
  /** Aborted when the disk has room again; undefined while it has. */
  #end: AbortController | undefined;

  constructor(scope: DiskScope, logins: PausedLogins<T>, signOuts: LoginSignOuts<T>) {
    this.#scope = scope;
    this.#logins = logins;
    this.#signOuts = signOuts;
    const { disk } = scope.store;
    disk.onChange(() => {
      if (disk.state === "full") this.#begin();
    });
  }

  /** The logins have just been started; while the disk is full they do not sign in. */
  start(): void {
    if (this.#scope.store.disk.state !== "full") return;
    this.#begin();
    this.#signOut();
  }

  // Called from within a write that failed, so the database is not used.
  #begin(): void {
    const { clock, log, signal } = this.#scope;
    if (this.#end !== undefined) return;
    this.#end = new AbortController();
    log.fatal("The disk with the database is full, so nothing is read from MSN and Matrix.");
    for (const { session } of this.#logins.all) session.read(false);
    later(clock, SIGN_OUT_MS, AbortSignal.any([signal, this.#end.signal]), () => this.#signOut());
    this.#lookAgain();
  }

  #lookAgain(): void {
    const { clock, signal, store } = this.#scope;
    later(clock, LOOK_MS, signal, () => {
      if (store.disk.recover()) this.#goOn();
      else if (store.disk.state === "full") this.#lookAgain();
    });
  }

  #signOut(): void {
    const { alerts, log } = this.#scope;
    for (const login of this.#logins.all) {
      const { type } = login.session.state;
      if (type === "logged-out" || type === "stopped" || type === "hindered") continue;
      this.#out.add(login);
      this.#signOuts
        .leave(login, HINDERED)
        .catch((error: unknown) =>
          log.error({ error }, "a login that was signed out could not be told what it missed"),
        );
    }
    alerts.alert("full disk", FULL);
  }

  #goOn(): void {
    const { alerts, log, store } = this.#scope;
    this.#end?.abort();
    this.#end = undefined;
    // Before anything new can come, for which there might be no place behind it.
    for (const login of this.#logins.all) this.#safely(() => login.unstored.retry());
    // That may have filled the disk again.
    if (store.disk.state !== "fine") return;
    log.info("There is room on the disk with the database again.");
    for (const { session } of this.#logins.all) this.#safely(() => session.read(true));
    const out = [...this.#out];
    this.#out.clear();
    // Not those whose users have logged out or in meanwhile.
    for (const login of out)
      if (login.session.state.type === "hindered") this.#safely(() => void this.#logins.reconnect(login));
    this.#safely(() => alerts.over("full disk", "The disk with the database has space again."));
  }

  // What fails for one login, whose row may have gone, must not keep the others out.
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#scope.log.error({ error }, "not everything could go on after the disk was full");
    }
  }
}
