import type { Clock, Timer } from "../../util/clock.ts";
import { MsnError } from "../base/errors.ts";
import type { Command } from "../wire/command.ts";
import type { Connection } from "../net/connection.ts";

/** Who waits for the answer to a ping. */
export interface PongListener {
  /** It has come, or the keepalive stops. */
  onPong(): void;
}

// docs/msnp.md 3.6: together a dead connection is noticed within 90 seconds.
const PING_INTERVAL_MS = 30_000;
const PONG_TIMEOUT_MS = 30_000;

const silent = (): MsnError => new MsnError("timeout", "the server stopped answering");

/** Pings the notification server at intervals, and closes the connection when no answer comes. */
export class Keepalive implements PongListener {
  readonly #clock: Clock;
  readonly #command: Command;
  #listeners: PongListener[] = [];
  /** The connection that is pinged at intervals. */
  #connection: Connection | undefined;
  #timer: Timer | undefined;

  /** @param command the ping */
  constructor(clock: Clock, command: Command) {
    this.#clock = clock;
    this.#command = command;
  }

  /** Pings, and tells the listener when the answer comes. */
  ping(connection: Connection, listener: PongListener): void {
    this.#listeners.push(listener);
    connection.send(this.#command);
  }

  /** An answer came. Whichever ping it belongs to, the server lives and has done all that it was asked before. */
  pong(): void {
    for (const listener of this.#listeners.splice(0)) listener.onPong();
  }

  /** Pings from now on. */
  start(connection: Connection): void {
    this.#connection = connection;
    this.#timer?.cancel();
    if (!connection.isClosed) this.#timer = this.#clock.after(PING_INTERVAL_MS, () => this.#ask(connection));
  }

  onPong(): void {
    if (this.#connection !== undefined) this.start(this.#connection);
  }

  stop(): void {
    this.#timer?.cancel();
    this.pong();
  }

  #ask(connection: Connection): void {
    this.#timer = connection.clock.after(PONG_TIMEOUT_MS, () => connection.close(silent()));
    this.ping(connection, this);
  }
}
