import type { Address } from "../base/address.ts";
import { MsnError } from "../base/errors.ts";
import type { MsnScope } from "../base/scope.ts";
import type { SwitchboardTicket } from "../base/switchboard-ticket.ts";
import type { ConnectionOpener } from "../net/connection-opener.ts";
import { ChunkBudget } from "./chunks.ts";
import type { Switchboard, SwitchboardFactory, SwitchboardListener } from "./switchboard.ts";

/** Where switchboards are asked for. */
export interface SwitchboardSource {
  /** @param leaving aborted when everything is left. @throws MsnError */
  requestSwitchboard(leaving: AbortSignal): Promise<SwitchboardTicket>;
}

/** Opens switchboards, until everything is left. */
export class BoardOpener {
  readonly #scope: MsnScope;
  readonly #opener: Pick<ConnectionOpener, "open">;
  readonly #source: SwitchboardSource;
  readonly #make: SwitchboardFactory;
  readonly #chunkBudget = new ChunkBudget();
  /** Aborted when everything is left: what was begun before is not to be finished. */
  #leaving = new AbortController();

  constructor(
    scope: MsnScope,
    opener: Pick<ConnectionOpener, "open">,
    source: SwitchboardSource,
    make: SwitchboardFactory,
  ) {
    this.#scope = scope;
    this.#opener = opener;
    this.#source = source;
    this.#make = make;
  }

  /** Asks for a switchboard of our own. @throws MsnError */
  async ticket(): Promise<SwitchboardTicket> {
    return this.#source.requestSwitchboard(this.#leaving.signal);
  }

  /** Connects to a switchboard; nothing has been said there yet. @throws MsnError when it cannot be reached */
  async connect(address: Address, listener: SwitchboardListener): Promise<Switchboard> {
    const { account, clock, log } = this.#scope;
    const { signal } = this.#leaving;
    const connection = await this.#opener.open(address, signal);
    if (!signal.aborted)
      return this.#make({ account, clock, log, connection, listener, chunkBudget: this.#chunkBudget });
    const left = new MsnError("connection-closed", "every conversation was left meanwhile");
    connection.close(left);
    throw left;
  }

  /** Everything is left: gives up what is being opened. */
  giveUp(): void {
    this.#leaving.abort();
    this.#leaving = new AbortController();
  }
}
