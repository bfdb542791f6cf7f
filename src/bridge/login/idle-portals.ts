import { later } from "../../util/clock.ts";
import type { WaitScope } from "../base/retry.ts";

/** Forgets what has not been needed for a while. */
interface Aging {
  age(): void;
}

/** A login, as far as its portals grow old. */
interface AgingLogin {
  readonly portals: Aging;
}

const EVERY_MS = 5 * 60_000;

/** Has portals forgotten that have not been needed for five to ten minutes, so that a chat costs memory only while it goes on. */
export class IdlePortals {
  readonly #scope: Pick<WaitScope, "clock" | "signal">;
  readonly #logins: { readonly all: readonly AgingLogin[] };
  readonly #users: Aging;

  /** @param users those who act in the portals, of whom there are as many as there are contacts and strangers */
  constructor(
    scope: Pick<WaitScope, "clock" | "signal">,
    logins: { readonly all: readonly AgingLogin[] },
    users: Aging,
  ) {
    this.#scope = scope;
    this.#logins = logins;
    this.#users = users;
  }

  start(): void {
    const { clock, signal } = this.#scope;
    later(clock, EVERY_MS, signal, () => {
      for (const { portals } of this.#logins.all) portals.age();
      this.#users.age();
      this.start();
    });
  }
}
