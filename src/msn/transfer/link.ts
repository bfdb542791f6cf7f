import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../util/clock.ts";
import { LinkReading, type Appetite } from "./link-reading.ts";
import { failed, type TransferEnd } from "./outcome.ts";

const LINE_FEED = 0x0a;
const MAX_LINE = 512;
// docs/msnp.md 5.2: the side that gets the BYE closes the connection; if it does not, the other one does within 5 s. A program
// that stops has not even those, and has more to do.
const CLOSE_TIMEOUT_MS = 3000;

/**
 * The connection that carries a file: lines first, blocks later. Bytes are read when they are asked for, so that a sender
 * who is faster than the receiver has to wait.
 */
export class Link {
  readonly #stream: Duplex;
  readonly #isSocket: boolean;
  readonly #clock: Clock;
  /** Bytes that have come and were not asked for yet. */
  #rest: Buffer | undefined;
  #isOver = false;
  #isClosing = false;
  #cause: unknown;
  #news = Promise.withResolvers<void>();
  /** Gets everything that comes, at once. */
  #reading: LinkReading | undefined;
  readonly #onData = (bytes: Buffer): void => {
    // The memory of what comes from a socket is nobody else's. A stream may hand on that of its writer.
    const ours = this.#isSocket ? bytes : Buffer.from(bytes);
    if (this.#reading?.isOver === false) return this.#reading.give(ours);
    this.#stream.pause();
    this.#rest = this.#rest === undefined ? ours : Buffer.concat([this.#rest, ours]);
    this.#news.resolve();
  };

  constructor(stream: Duplex, clock: Clock) {
    this.#stream = stream;
    this.#isSocket = stream instanceof Socket;
    this.#clock = clock;
    stream.pause();
    stream.on("data", this.#onData);
    stream.on("end", () => this.#end());
    stream.on("close", () => this.#end());
    stream.on("error", (error) => {
      this.#cause ??= error;
      this.#end();
    });
  }

  /**
   * The next line, without its end; undefined when no whole one comes any more.
   * @throws TransferEnd `protocol` for what is too long to be one, `closed` when the connection breaks
   */
  async line(): Promise<string | undefined> {
    let line = Buffer.alloc(0);
    for (;;) {
      const bytes = await this.#bytes();
      if (bytes === undefined) return undefined;
      const feed = bytes.indexOf(LINE_FEED);
      line = Buffer.concat([line, feed === -1 ? bytes : bytes.subarray(0, feed)]);
      if (line.length > MAX_LINE) throw failed("protocol");
      if (feed === -1) continue;
      this.#rest = bytes.subarray(feed + 1);
      return line.toString().replace(/\r$/u, "");
    }
  }

  /**
   * Hands on what comes, until that is enough.
   * @param take gets at least a byte, in memory that is its own from now on
   * @throws TransferEnd `closed` when nothing comes any more before that; what `take` throws
   */
  async read(take: (bytes: Buffer) => Appetite): Promise<void> {
    const reading = new LinkReading(this.#stream, take);
    this.#reading = reading;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined && rest.length > 0) reading.give(rest);
    if (this.#isOver) this.#end();
    return reading.done;
  }

  /**
   * Resolves once the bytes are on their way, and their memory can be used again.
   * @throws TransferEnd `closed`
   */
  async write(bytes: string | Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.send(bytes, (error) => (error === undefined ? resolve() : reject(error)));
    return promise;
  }

  /** The same for many pieces, without a promise for each. */
  send(bytes: string | Buffer, done: (error?: TransferEnd) => void): void {
    const kept = this.#isSocket || typeof bytes === "string" ? bytes : Buffer.from(bytes);
    this.#stream.write(kept, (error) => (error ? done(failed("closed", error)) : done()));
  }

  /** Ends the connection after some last words, and destroys it when the other side does not end it too. */
  close(closingLine: string | Buffer = ""): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#end();
    // What still comes is of no interest, but its end has to be read.
    this.#rest = undefined;
    this.#stream.off("data", this.#onData);
    this.#stream.resume();
    if (this.#stream.destroyed) return;
    this.#stream.end(closingLine);
    const timer = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#stream.destroy());
    this.#stream.once("close", () => timer.cancel());
  }

  /** Ends the connection without a word, and at once. */
  destroy(): void {
    this.#isClosing = true;
    this.#stream.destroy();
    this.#end();
  }

  /** What has come, at least a byte; undefined when nothing comes any more. @throws TransferEnd `closed` when it breaks */
  async #bytes(): Promise<Buffer | undefined> {
    for (;;) {
      const bytes = this.#rest;
      this.#rest = undefined;
      if (bytes !== undefined && bytes.length > 0) return bytes;
      if (this.#cause !== undefined) throw failed("closed", this.#cause);
      if (this.#isOver) return undefined;
      this.#news = Promise.withResolvers();
      this.#stream.resume();
      await this.#news.promise;
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#news.resolve();
    this.#reading?.fail(failed("closed", this.#cause));
  }
}
