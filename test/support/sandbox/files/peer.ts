import { connect as connectSocket, type Socket } from "node:net";

import type { Clock } from "../../../../src/util/clock.ts";
import { HOST } from "../../../../src/sandbox/wire/server-port.ts";

const LONGEST_LINE = 1000;
const TIME_TO_CLOSE = 5000;

/** The other end of a transfer's connection. Nothing is read before it is asked for; one may read at a time. */
export class Peer {
  /** Resolves once the socket is gone. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<unknown>;
  #rest: Buffer = Buffer.alloc(0);
  #hasEnded = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#chunks = socket.iterator({ destroyOnReturn: false });
    this.closed = new Promise((resolve) => {
      socket.once("close", () => resolve());
    });
    // What went wrong does not matter: it has ended, which every reader sees.
    socket.on("error", () => undefined);
  }

  /** Connects to a port of the loopback; undefined when nobody listens. */
  static async connect(port: number, signal: AbortSignal): Promise<Peer | undefined> {
    const socket = connectSocket({ port, host: HOST, signal });
    const done = Promise.withResolvers<boolean>();
    socket.once("connect", () => done.resolve(true));
    socket.once("error", () => done.resolve(false));
    return (await done.promise) ? new Peer(socket) : undefined;
  }

  /** Whether the reader has come to the end of what the other says. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The next line without its end, or as much of it as is too much for a line; undefined when there is no more. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0)
        return this.#take(end + 1)
          .toString()
          .replace(/\r?\n$/u, "");
      if (this.#rest.length > LONGEST_LINE) return this.#take(LONGEST_LINE).toString();
      if (!(await this.#fill())) return undefined;
    }
  }

  /** The next bytes: at least one, at most `most`; undefined when there is no more. */
  async some(most: number): Promise<Buffer | undefined> {
    const isThere = this.#rest.length > 0 || (await this.#fill());
    return isThere ? this.#take(most) : undefined;
  }

  /** The next `count` bytes; undefined when it ends before. */
  async exactly(count: number): Promise<Buffer | undefined> {
    while (this.#rest.length < count) if (!(await this.#fill())) return undefined;
    return this.#take(count);
  }

  /** Reads up to the end. @param came is told how many bytes have come, as they come */
  async drain(came?: (count: number) => void): Promise<void> {
    for (;;) {
      const bytes = await this.some(Infinity);
      if (bytes === undefined) return;
      came?.(bytes.length);
    }
  }

  /** Resolves once there is room for more. What is written to a closed connection is lost. */
  async write(bytes: Buffer | string): Promise<void> {
    if (!this.#socket.writable || this.#socket.write(bytes)) return;
    const room = Promise.withResolvers<void>();
    this.#socket.once("drain", room.resolve);
    await Promise.race([room.promise, this.closed]);
    this.#socket.off("drain", room.resolve);
  }

  /** Ends it once everything that was written is out, but after 5 s at the latest. */
  end(clock: Clock): void {
    if (this.#socket.destroyed) return;
    const timer = clock.after(TIME_TO_CLOSE, () => this.destroy());
    this.#socket.once("close", () => timer.cancel());
    this.#socket.destroySoon();
  }

  /** Ends it so that the other gets an error. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(most: number): Buffer {
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(most);
    return taken;
  }

  async #fill(): Promise<boolean> {
    const chunk = await this.#next();
    this.#hasEnded = chunk === undefined;
    if (chunk === undefined) return false;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    return true;
  }

  /** A connection that breaks ends as one that is closed. */
  async #next(): Promise<Buffer | undefined> {
    try {
      const next: { value: unknown } = await this.#chunks.next();
      return Buffer.isBuffer(next.value) ? next.value : undefined;
    } catch {
      return undefined;
    }
  }
}
