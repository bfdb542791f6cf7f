import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { Clock } from "../../util/clock.ts";
import { giveBack } from "../../util/give-back.ts";
import { onAbort } from "../../util/on-abort.ts";
import { TurnShare } from "../../util/turn-share.ts";
import { MatrixError } from "../client/errors.ts";
import { late, toMediaError } from "./media-http.ts";
import { Watchdog } from "./watchdog.ts";

export interface MediaStreamOptions {
  readonly url: URL;
  /** For the next bytes to come, in milliseconds. */
  readonly stallMs: number;
  /** How many bytes of the answer are left out at its beginning. */
  readonly skip?: number;
  /** After how many bytes the stream ends; all when not given. */
  readonly take?: number | undefined;
  /** The most that may come. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

// So much may come before it is asked for: whoever reads it then never waits for the network only.
const HIGH_WATER_BYTES = 256 * 1024;
const SHARE_BYTES = 256 * 1024;

/**
 * The body of an answer, no faster than it is read. Nobody else has the memory of its pieces. It fails with a MatrixError: `timeout` when nothing more comes,
 * `unreachable` when the connection ends too early, `too-large`; or with the signal's reason.
 */
export class MediaStream extends Readable {
  readonly #answer: IncomingMessage;
  readonly #options: MediaStreamOptions;
  readonly #watchdog: Watchdog;
  readonly #stopWaiting: (() => void) | undefined;
  readonly #onLate: () => void;
  readonly #share = new TurnShare(SHARE_BYTES, () => this.#goOn());
  /** Whether somebody waits for more. */
  #isWanted = false;
  #skip: number;
  #left: number;
  #came = 0;

  constructor(answer: IncomingMessage, options: MediaStreamOptions) {
    super({ highWaterMark: HIGH_WATER_BYTES });
    this.#answer = answer;
    this.#options = options;
    this.#watchdog = new Watchdog(options.clock);
    this.#skip = options.skip ?? 0;
    this.#left = options.take ?? Infinity;
    this.#onLate = () => void this.destroy(late(options.url, options.stallMs));
    answer.on("data", (chunk: Buffer) => this.#add(chunk));
    // Node's parser copies from it what belongs to the body, and the connection is the answer's alone.
    answer.socket.on("data", giveBack);
    answer.pause();
    answer.once("end", () => this.push(null));
    answer.on("error", (error) => this.destroy(toMediaError(error, options.url)));
    answer.once("close", () => {
      if (!answer.complete) this.destroy(toMediaError(new Error("connection closed"), options.url));
    });
    const { signal } = options;
    const stop = (): void => void this.destroy(toError(signal?.reason));
    this.#stopWaiting = signal && onAbort(signal, stop);
    if (signal?.aborted) stop();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#watchdog.expect(this.#options.stallMs, this.#onLate);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#isWanted && !this.#share.isOver) this.#answer.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#watchdog.end();
    this.#stopWaiting?.();
    this.#answer.destroy();
    done(error);
  }

  #add(chunk: Buffer): void {
    if (this.destroyed || this.readableEnded || this.#left === 0) return;
    this.#came += chunk.length;
    this.#share.take(chunk.length);
    if (this.#share.isOver) this.#answer.pause();
    const { maxBytes } = this.#options;
    if (this.#came > maxBytes) {
      this.destroy(new MatrixError("too-large", `the file is larger than ${maxBytes} bytes`));
      return;
    }
    const part = chunk.subarray(this.#skip).subarray(0, this.#left);
    this.#skip -= Math.min(this.#skip, chunk.length);
    this.#left -= part.length;
    if (part.length === 0) return this._read();
    // Small pieces, and the first one, share theirs with what came together with them.
    const isWhole = part.byteLength === part.buffer.byteLength;
    const wantsMore = this.push(isWhole ? part : Buffer.from(part));
    if (this.#left === 0) {
      this.#watchdog.rest();
      this.push(null);
    } else if (wantsMore) this._read();
    else this.#rest();
  }

  #rest(): void {
    this.#isWanted = false;
    this.#watchdog.rest();
    this.#answer.pause();
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("stopped");
}
