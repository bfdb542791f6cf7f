import { MsnError } from "../base/errors.ts";
import type { MsnScope } from "../base/scope.ts";
import { Destinations, placeOf, type Lookup } from "../../util/destinations.ts";
import type { MsnServer } from "./msn-server.ts";
import type { Fetch } from "../net/fetch.ts";
import { guardFetch, type CallLimit } from "../net/guarded.ts";
import { passportLogin, PassportNexus } from "./passport.ts";

/** How the login service is reached. */
export interface TicketWay {
  readonly fetch: Fetch;
  readonly calls: CallLimit;
  readonly lookup: Lookup | undefined;
}

/** Gets the tickets with which an account signs in (docs/msnp.md 2.5). */
export class Tickets {
  readonly #scope: Pick<MsnScope, "account" | "clock">;
  readonly #password: string;
  /** Where to log in; the nexus is then not asked. */
  readonly #loginUrl: string | undefined;
  readonly #fetch: Fetch;
  readonly #nexus: PassportNexus;

  constructor(
    scope: Pick<MsnScope, "account" | "clock">,
    password: string,
    server: Omit<MsnServer, "host" | "port">,
    { fetch: given, calls, lookup }: TicketWay,
  ) {
    const { nexusUrl, loginUrl } = server;
    // The address with which it begins was chosen, those that follow are named by others.
    const fetch = guardFetch(given, calls, new Destinations(placeOf(loginUrl ?? nexusUrl), { ...server, lookup }));
    this.#scope = scope;
    this.#password = password;
    this.#loginUrl = loginUrl;
    this.#fetch = fetch;
    this.#nexus = new PassportNexus(fetch, nexusUrl, scope.clock);
  }

  /**
   * @param policy what the server asks the ticket to be good for
   * @param signal nothing is asked for any more once it is aborted
   * @throws MsnError `bad-credentials`, or what is wrong with the login service; the signal's reason when it is aborted
   */
  async get(policy: string, signal?: AbortSignal): Promise<string> {
    const { account, clock } = this.#scope;
    try {
      const url = this.#loginUrl ?? (await this.#nexus.loginUrl(signal));
      return await passportLogin(this.#fetch, url, { account, password: this.#password, policy }, clock, signal);
    } catch (error) {
      if (!(error instanceof MsnError && error.code === "bad-credentials")) this.#nexus.forget();
      throw error;
    }
  }
}
