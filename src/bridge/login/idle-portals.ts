import { later } from "../../util/clock.ts";
import type { WaitScope } from "../base/retry.ts";

/** A login, as far as its portals grow old. */
interface AgingLogin {
  readonly portals: { age(): void };
}

const EVERY_MS = 5 * 60_000;

/** Has portals forgotten that have not been needed for five to ten minutes, so that a chat costs memory only while it goes on. */
export class IdlePortals {
  readonly #scope: Pick<WaitScope, "clock" | "signal">;
  readonly #logins: { readonly all: readonly AgingLogin[] };

  constructor(scope: Pick<WaitScope, "clock" | "signal">, logins: { readonly all: readonly AgingLogin[] }) {
    this.#scope = scope;
    this.#logins = logins;
  }

  start(): void {
    const { clock, signal } = this.#scope;
    later(clock, EVERY_MS, signal, () => {
      for (const { portals } of this.#logins.all) portals.age();
      this.start();
    });
  }
}
