import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Readable } from "node:stream";

// Runs inside of the process that carries messages, the floor or the bridge, into which the probe loads it. It imports nothing
// but Node, because in the bridge it runs from another folder.

/** The number of a message, and how long it was in the process, in milliseconds. */
export type OwnShare = [number: number, ms: number];

/**
 * How long each message is in this process: from when the first bytes with its number have been read from a socket until the
 * first bytes with its number are handed to another one. Neither system call is in it: on the loopback a write takes the
 * bytes as far as to the other process, and wakes that up.
 */
export class OwnShares {
  readonly #sentence: string;
  readonly #now: () => number;
  readonly #readAt = new Map<number, number>();
  readonly #seen = new Set<number>();
  #shares: OwnShare[] = [];

  /** @param sentence that every message says behind its number */
  constructor(sentence: string, now: () => number = () => performance.now()) {
    this.#sentence = sentence;
    this.#now = now;
  }

  /** A piece was read. */
  read(chunk: unknown): void {
    const now = this.#now();
    for (const number of this.#numbersIn(chunk)) {
      // What comes again is the homeserver's echo.
      if (!this.#seen.has(number)) this.#readAt.set(number, now);
      this.#seen.add(number);
    }
  }

  /** A piece is handed on. */
  handOn(chunk: unknown): void {
    const now = this.#now();
    for (const number of this.#numbersIn(chunk)) {
      const since = this.#readAt.get(number);
      if (since !== undefined) this.#shares.push([number, now - since]);
      this.#readAt.delete(number);
    }
  }

  /** What has been noted since the last time. */
  take(): OwnShare[] {
    return this.#shares.splice(0);
  }

  #numbersIn(chunk: unknown): number[] {
    // Large ones are not made into text for nothing.
    const text = chunk instanceof Buffer && chunk.includes(this.#sentence) ? chunk.toString("latin1") : chunk;
    if (typeof text !== "string") return [];
    const before = text.split(` ${this.#sentence}`).slice(0, -1);
    return before.flatMap((part) => /\d+$/u.exec(part)?.map(Number) ?? []);
  }
}

/** Notes what goes through the sockets of this process from now on. */
export function watchSockets(shares: OwnShares): void {
  // The body of a request goes past its socket's own stream.
  wrap(Readable.prototype, "push", (stream, chunk) => {
    if (stream instanceof Socket || stream instanceof IncomingMessage) shares.read(chunk);
  });
  const handOn = (socket: unknown, data: unknown): void => {
    const chunks: unknown[] = Array.isArray(data) ? data.map(({ chunk }: { chunk: unknown }) => chunk) : [data];
    const note = (): void => {
      for (const chunk of chunks) shares.handOn(chunk);
    };
    // What is written earlier waits for that.
    if (socket instanceof Socket && socket.connecting) socket.once("connect", note);
    else note();
  };
  for (const name of ["_write", "_writev"]) wrap(Socket.prototype, name, handOn);
}

function wrap(owner: object, name: string, before: (self: unknown, first: unknown) => void): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== "function") throw new Error(`streams of Node have no ${name} any more`);
  Reflect.set(owner, name, function wrapped(this: unknown, ...args: unknown[]): unknown {
    before(this, args[0]);
    const result: unknown = Reflect.apply(original, this, args);
    return result;
  });
}
