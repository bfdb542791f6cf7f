import type { Clock } from "../../util/clock.ts";
import { MsnError } from "../base/errors.ts";
import type { Fetch } from "../net/fetch.ts";
import { passportLogin, PassportNexus } from "./passport.ts";

export interface TicketsOptions {
  readonly account: string;
  readonly password: string;
  readonly nexusUrl: string;
  /** Where to log in; the nexus is then not asked. */
  readonly loginUrl: string | undefined;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** Gets the tickets with which an account signs in (docs/msnp.md 2.5). */
export class Tickets {
  readonly #options: TicketsOptions;
  readonly #nexus: PassportNexus;

  constructor(options: TicketsOptions) {
    this.#options = options;
    this.#nexus = new PassportNexus(options.fetch, options.nexusUrl, options.clock);
  }

  /**
   * @param policy what the server asks the ticket to be good for
   * @param signal nothing is asked for any more once it is aborted
   * @throws MsnError `bad-credentials`, or what is wrong with the login service; the signal's reason when it is aborted
   */
  async get(policy: string, signal?: AbortSignal): Promise<string> {
    const { account, password, loginUrl, fetch, clock } = this.#options;
    try {
      const url = loginUrl ?? (await this.#nexus.loginUrl(signal));
      return await passportLogin(fetch, url, { account, password, policy }, clock, signal);
    } catch (error) {
      if (!(error instanceof MsnError && error.code === "bad-credentials")) this.#nexus.forget();
      throw error;
    }
  }
}
