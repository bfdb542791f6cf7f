import type { Address } from "../base/address.ts";
import type { MsnScope } from "../base/scope.ts";
import { Connection } from "./connection.ts";
import { dialInTime, type Dial } from "./dial.ts";
import { FlowControl } from "./flow-control.ts";
import type { CallLimit } from "./guarded.ts";
import type { ReadingTurns } from "./reading-turns.ts";

/** Opens the connections of a client to its servers. */
export class ConnectionOpener {
  readonly #scope: MsnScope;
  readonly #dial: Dial;
  readonly #payloadCommands: ReadonlySet<string>;
  readonly #turns: ReadingTurns;
  readonly #calls: CallLimit;
  /** Decides whether anything is read from them. */
  readonly flow: FlowControl;

  /** @param payloadCommands the commands of the servers that carry a payload */
  constructor(
    scope: MsnScope,
    dial: Dial,
    payloadCommands: ReadonlySet<string>,
    turns: ReadingTurns,
    calls: CallLimit,
  ) {
    this.#calls = calls;
    this.#scope = scope;
    this.#dial = dial;
    this.#payloadCommands = payloadCommands;
    this.#turns = turns;
    this.flow = new FlowControl(scope.clock);
  }

  /** @param signal gives up at once when it is aborted. @throws MsnError */
  async open(address: Address, signal: AbortSignal): Promise<Connection> {
    const { clock, log } = this.#scope;
    // Before it is dialled: what waits for its turn is not late.
    await this.#calls.turn(signal);
    const stream = await dialInTime(this.#dial, address, clock, signal);
    const [payloadCommands, turns] = [this.#payloadCommands, this.#turns];
    return this.flow.add(new Connection({ stream, payloadCommands, clock, log, turns }));
  }
}
