import type { Duplex } from "node:stream";
import { TurnShare } from "../../util/turn-share.ts";

/** What a reader does next; a promise says when it can take more. */
export type Appetite = "more" | "enough" | Promise<void>;

// Of what a socket gives in one turn if it can, an eighth.
const SHARE_BYTES = 256 * 1024;

/** Hands on what comes on a stream, a share in each turn of the loop, until that is enough. */
export class LinkReading {
  readonly #stream: Duplex;
  readonly #take: (bytes: Buffer) => Appetite;
  readonly #done = Promise.withResolvers<void>();
  readonly #share = new TurnShare(SHARE_BYTES, () => this.#goOn());
  #isFull = false;
  #isOver = false;

  constructor(stream: Duplex, take: (bytes: Buffer) => Appetite) {
    this.#stream = stream;
    this.#take = take;
    stream.resume();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rejects with what it failed with. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  give(bytes: Buffer): void {
    try {
      const appetite = this.#take(bytes);
      if (appetite === "enough") {
        this.#end();
        return this.#done.resolve();
      }
      this.#share.take(bytes.length);
      if (appetite !== "more") void this.#wait(appetite);
      if (this.#isFull || this.#share.isOver) this.#stream.pause();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.#end();
    this.#done.reject(error);
  }

  #end(): void {
    this.#isOver = true;
    this.#stream.pause();
  }

  async #wait(appetite: Promise<void>): Promise<void> {
    this.#isFull = true;
    try {
      await appetite;
    } catch (error) {
      return this.fail(error);
    }
    this.#isFull = false;
    this.#goOn();
  }

  #goOn(): void {
    if (!this.#isOver && !this.#isFull && !this.#share.isOver) this.#stream.resume();
  }
}
