import type { Address } from "../base/address.ts";
import type { MsnScope } from "../base/scope.ts";
import { Connection } from "./connection.ts";
import { dialInTime, type Dial } from "./dial.ts";
import { FlowControl } from "./flow-control.ts";

/** Opens the connections of a client to its servers. */
export class ConnectionOpener {
  readonly #scope: MsnScope;
  readonly #dial: Dial;
  readonly #payloadCommands: ReadonlySet<string>;
  /** Decides whether anything is read from them. */
  readonly flow = new FlowControl();

  /** @param payloadCommands the commands of the servers that carry a payload */
  constructor(scope: MsnScope, dial: Dial, payloadCommands: ReadonlySet<string>) {
    this.#scope = scope;
    this.#dial = dial;
    this.#payloadCommands = payloadCommands;
  }

  /** @param signal gives up at once when it is aborted. @throws MsnError */
  async open(address: Address, signal: AbortSignal): Promise<Connection> {
    const { clock, log } = this.#scope;
    const stream = await dialInTime(this.#dial, address, clock, signal);
    return this.flow.add(new Connection({ stream, payloadCommands: this.#payloadCommands, clock, log }));
  }
}
