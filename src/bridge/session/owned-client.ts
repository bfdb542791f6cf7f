import { DIALECTS, MsnClient } from "../../msn/index.ts";
import type { MsnError, MsnEvent, MsnListener, ReadingTurns, SwitchboardPace } from "../../msn/index.ts";
import type { RateLimit } from "../../util/rate-limit.ts";
import type { AccountScope } from "./account-scope.ts";
import { withPeople, type SessionEvent } from "./event.ts";

/** How long a message waits for a connection that is being made, in milliseconds. */
export const PATIENCE_MS = 2 * 60_000;

/** Who has clients, and is told what they hear. */
export interface ClientOwner {
  onEvent(event: SessionEvent): void;
  /** The client's session has ended without our doing. */
  onEnd(client: MsnClient, error: MsnError): void;
}

/** What a client shares with others. */
interface ClientLimits {
  readonly switchboards: RateLimit | undefined;
  readonly readingTurns: ReadingTurns;
}

/** A client for the account of a login on its network, and what it tells its owner. */
export class OwnedClient implements MsnListener, SwitchboardPace {
  readonly client: MsnClient;
  readonly #owner: ClientOwner;
  readonly #switchboards: RateLimit | undefined;

  constructor(
    { clock, log, network, settings }: AccountScope,
    owner: ClientOwner,
    { switchboards, readingTurns }: ClientLimits,
    credentials: { readonly account: string; readonly password: string },
  ) {
    const files = settings.files.client;
    const own = network.fetch && { fetch: network.fetch };
    const dialect = DIALECTS[network.dialect];
    const ours = { clock, log, files, listener: this, switchboardPace: this, readingTurns };
    this.#owner = owner;
    this.#switchboards = switchboards;
    this.client = new MsnClient({ server: network, dialect, ...credentials, ...ours, ...own });
  }

  onEvent(event: MsnEvent): void {
    if (event.type === "closed") this.#owner.onEnd(this.client, event.error);
    else this.#owner.onEvent(withPeople(event, this.client));
  }

  async takeTurn(signal: AbortSignal): Promise<boolean> {
    return (await this.#switchboards?.turn(PATIENCE_MS, signal)) ?? true;
  }
}
