import type { Clock } from "../../util/clock.ts";
import type { Connection } from "./connection.ts";
import { ReadingClock, type ReadingProgress } from "./reading-clock.ts";

/**
 * Decides whether anything is read from the servers. What they send meanwhile stays in the buffers of the network, and
 * when those are full the servers have to wait.
 */
export class FlowControl implements ReadingProgress {
  /** Stands still while nothing is read from any of them. */
  readonly clock: Clock;
  readonly #clock: ReadingClock;
  readonly #connections = new Set<Connection>();
  #isPaused = false;

  constructor(clock: Clock) {
    this.clock = this.#clock = new ReadingClock(clock, this);
  }

  get isBehind(): boolean {
    for (const { progress } of this.#connections) if (progress.isBehind) return true;
    return false;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { progress } of this.#connections) bytes += progress.bytes;
    return bytes;
  }

  /** Puts a connection under this flow. */
  add(connection: Connection): Connection {
    for (const known of this.#connections) if (known.isClosed) this.#connections.delete(known);
    this.#connections.add(connection);
    if (this.#isPaused) connection.hold("client");
    return connection;
  }

  pause(): void {
    this.#isPaused = true;
    this.#clock.hold();
    for (const connection of this.#connections) connection.hold("client");
  }

  resume(): void {
    this.#isPaused = false;
    this.#clock.goOn();
    for (const connection of this.#connections) connection.goOn("client");
  }
}
