import type { Clock, Timer } from "../../util/clock.ts";
import { MsnError } from "../base/errors.ts";
import type { Command } from "../wire/command.ts";
import type { Connection } from "../net/connection.ts";

// docs/msnp.md 3.6: together a dead connection is noticed within 90 seconds.
const PING_INTERVAL_MS = 30_000;
const PONG_TIMEOUT_MS = 30_000;

/** Pings the notification server at intervals, and closes the connection when no answer comes. */
export class Keepalive {
  readonly #clock: Clock;
  readonly #command: Command;
  #pongs: Array<() => void> = [];
  #timer: Timer | undefined;

  /** @param command the ping */
  constructor(clock: Clock, command: Command) {
    this.#clock = clock;
    this.#command = command;
  }

  /** Pings; `onPong` is called when the answer comes, or when the keepalive stops. */
  ping(connection: Connection, onPong: () => void): void {
    this.#pongs.push(onPong);
    connection.send(this.#command);
  }

  /** An answer came. Whichever ping it belongs to, the server lives and has done all that it was asked before. */
  pong(): void {
    for (const onPong of this.#pongs.splice(0)) onPong();
  }

  /** Pings from now on. */
  start(connection: Connection): void {
    this.#timer?.cancel();
    if (!connection.isClosed) this.#timer = this.#clock.after(PING_INTERVAL_MS, () => this.#ask(connection));
  }

  stop(): void {
    this.#timer?.cancel();
    this.pong();
  }

  #ask(connection: Connection): void {
    const silent = new MsnError("timeout", "the server stopped answering");
    this.#timer = this.#clock.after(PONG_TIMEOUT_MS, () => connection.close(silent));
    this.ping(connection, () => this.start(connection));
  }
}
