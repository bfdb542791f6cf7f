import type { Connection } from "./connection.ts";

/**
 * Decides whether anything is read from the servers. What they send meanwhile stays in the buffers of the network, and
 * when those are full the servers have to wait.
 */
export class FlowControl {
  readonly #connections = new Set<Connection>();
  #isPaused = false;

  /** Puts a connection under this flow. */
  add(connection: Connection): Connection {
    for (const known of this.#connections) if (known.isClosed) this.#connections.delete(known);
    this.#connections.add(connection);
    if (this.#isPaused) connection.pause();
    return connection;
  }

  pause(): void {
    this.#isPaused = true;
    for (const connection of this.#connections) connection.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const connection of this.#connections) connection.resume();
  }
}
