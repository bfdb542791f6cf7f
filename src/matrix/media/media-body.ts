import type { ClientRequest } from "node:http";
import type { Readable } from "node:stream";
import { countOf } from "../../util/count.ts";
import { giveBack } from "../../util/give-back.ts";
import { ContentError, toBytes } from "./media-content.ts";

/** What is sent, of exactly so many bytes. */
export interface MediaBodyToSend {
  readonly content: Readable;
  readonly size: number;
  /** Whether nobody else has the memory of its pieces. It is given back as soon as they are sent. */
  readonly ownsPieces?: boolean | undefined;
}

/** Is told what has to happen next. */
export interface BodyWatch {
  /** More has to come of the content. */
  awaitContent(): void;
  /** More has to be taken by the other side. */
  awaitRoom(): void;
}

/**
 * Sends the body of a request as it comes, and no faster than it is taken. The last bytes are held back until the end of the
 * content has come, so that nothing is complete that has too many.
 */
export class BodySender {
  readonly #request: ClientRequest;
  readonly #content: Readable;
  readonly #size: number;
  readonly #ownsPieces: boolean;
  readonly #watch: BodyWatch;
  readonly #sent = Promise.withResolvers<void>();
  #left: number;
  #last: Uint8Array | undefined;
  #state: "sending" | "sent" | "failed" = "sending";

  constructor(request: ClientRequest, { content, size, ownsPieces = false }: MediaBodyToSend, watch: BodyWatch) {
    this.#request = request;
    this.#content = content;
    this.#size = size;
    this.#ownsPieces = ownsPieces;
    this.#watch = watch;
    this.#left = size;
  }

  get isSent(): boolean {
    return this.#state === "sent";
  }

  /** Resolves when all is written. @throws ContentError, what the content fails with */
  async send(): Promise<void> {
    const content = this.#content;
    // The homeserver may refuse before anything has come.
    this.#request.flushHeaders();
    this.#request.on("drain", () => this.#goOn());
    content.on("data", (chunk: unknown) => this.#take(chunk));
    content.once("end", () => this.#end());
    content.once("error", (error) => this.#fail(error));
    content.once("close", () => this.#fail(content.errored ?? this.#tooShort()));
    if (content.readableEnded) this.#end();
    else if (content.destroyed) this.#fail(content.errored ?? this.#tooShort());
    this.#goOn();
    await this.#sent.promise;
  }

  #goOn(): void {
    if (this.#state !== "sending") return;
    this.#watch.awaitContent();
    this.#content.resume();
  }

  #take(chunk: unknown): void {
    if (this.#state !== "sending") return;
    try {
      const bytes = toBytes(chunk);
      if (bytes.length === 0) return;
      this.#left -= bytes.length;
      if (this.#left < 0) throw this.#tooLong();
      if (this.#left === 0) this.#last = bytes;
      else if (this.#write(bytes)) this.#watch.awaitContent();
      else this.#wait();
    } catch (error) {
      this.#fail(error);
    }
  }

  #write(bytes: Uint8Array): boolean {
    if (!this.#ownsPieces) return this.#request.write(bytes);
    return this.#request.write(bytes, (error) => {
      // Where it has failed, somebody may still be writing.
      if (!error) giveBack(bytes);
    });
  }

  #wait(): void {
    this.#content.pause();
    this.#watch.awaitRoom();
  }

  #end(): void {
    if (this.#state !== "sending") return;
    if (this.#left > 0) return this.#fail(this.#tooShort());
    this.#state = "sent";
    this.#request.end(this.#last);
    this.#sent.resolve();
  }

  #fail(error: unknown): void {
    if (this.#state !== "sending") return;
    this.#state = "failed";
    this.#sent.reject(error);
  }

  #tooLong(): ContentError {
    const announced = countOf(this.#size, "byte");
    return new ContentError("too-long", `The file is longer than the ${announced} that were announced.`);
  }

  #tooShort(): ContentError {
    const came = this.#size - this.#left;
    return new ContentError("too-short", `The file ended after ${came} of ${countOf(this.#size, "byte")}.`);
  }
}
