import type { ServerResponse } from "node:http";
import type { Clock, Timer } from "../../util/clock.ts";

// Less than half of what a modem takes.
const LEAST_BYTES = 60 * 1024;
const EVERY_MS = 30_000;

/** Hangs up on a reader who takes a byte now and then, and keeps a place from others. */
export class ReaderPace {
  readonly #clock: Clock;
  readonly #response: ServerResponse;
  /** How much had been taken at the last look; undefined before there was an answer. */
  #taken: number | undefined;
  #timer: Timer;

  constructor(clock: Clock, response: ServerResponse) {
    this.#clock = clock;
    this.#response = response;
    this.#timer = this.#later();
  }

  end(): void {
    this.#timer.cancel();
  }

  #later(): Timer {
    return this.#clock.after(EVERY_MS, () => this.#look());
  }

  #look(): void {
    const { socket, headersSent } = this.#response;
    const taken = headersSent ? (socket?.bytesWritten ?? 0) : undefined;
    const isSlow = taken !== undefined && this.#taken !== undefined && taken - this.#taken < LEAST_BYTES;
    if (isSlow) return void this.#response.destroy();
    this.#taken = taken;
    this.#timer = this.#later();
  }
}
