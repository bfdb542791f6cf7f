import type { Readable } from "node:stream";
import { giveBack } from "../../util/give-back.ts";
import { parseCount } from "../wire/reader.ts";
import { BlockWriter, dataBytesIn, END_BLOCK } from "./blocks.ts";
import type { Link } from "./link.ts";
import { expectVersion, RECEIVED_CODES, VERSION_LINE } from "./msnftp.ts";
import { failed, TransferEnd, type FileProblem, type TransferOutcome } from "./outcome.ts";
import type { ActivityMonitor } from "./transfer-lifecycle.ts";

// What a BYE means that is not good news (docs/msnp.md 5.2).
const CANCELLED_CODE = 2_164_261_682;
const BYE_PROBLEMS: ReadonlyMap<number, FileProblem> = new Map([
  [2_147_942_405, "not-saved"],
  [2_164_261_694, "stalled"],
]);

/**
 * Finds out whether it is the receiver who has connected. A wrong cookie is not the receiver's.
 * @throws TransferEnd
 */
export async function greetReceiver(link: Link, authCookie: string): Promise<void> {
  expectVersion(await link.line());
  await link.write(VERSION_LINE);
  // USR account cookie
  const words = (await link.line())?.trim().split(" ") ?? [];
  if (words[0]?.toUpperCase() !== "USR" || words.at(-1) !== authCookie) throw failed("protocol");
}

/** A file as it is sent. */
export interface OpenFile {
  /** Bytes. */
  readonly size: number;
  readonly content: Readable;
  /** Whether nobody else has the memory of the pieces of the content. */
  readonly ownsPieces: boolean;
}

const NOTHING = Buffer.alloc(0);

/**
 * Sends a file to a receiver who was greeted. Resolves when they have confirmed it.
 * @throws TransferEnd
 */
export async function sendContent(link: Link, file: OpenFile, monitor: ActivityMonitor): Promise<void> {
  await link.write(`FIL ${file.size}\r\n`);
  const start = await link.line();
  if (start === undefined) throw failed("closed");
  if (start.trim().toUpperCase() !== "TFR") throw lineProblem(start) ?? failed("protocol");
  const sender = new Sender(link, file, monitor);
  // The receiver may cancel in the middle, so that they are heard all the time.
  await Promise.all([sender.send(), sender.hear()]);
}

/** What the sender of a file says last, when that was the outcome. */
export function closingLineOfSender(outcome: TransferOutcome): Buffer {
  return outcome.state === "done" ? Buffer.alloc(0) : END_BLOCK;
}

/**
 * Lays blocks out while others are being written, and takes nothing more of the content while there is no room: a slow
 * receiver makes the content wait. Nothing is done for each block by itself.
 */
class Sender {
  readonly #link: Link;
  readonly #content: Readable;
  readonly #size: number;
  readonly #ownsPieces: boolean;
  readonly #monitor: ActivityMonitor;
  readonly #blocks: BlockWriter;
  readonly #sent = Promise.withResolvers<void>();
  #bytes = 0;
  /** What has come and has no room yet. */
  #rest: Uint8Array = NOTHING;
  /** The piece of which that is the rest. */
  #piece: Uint8Array | undefined;
  /** Whether all of it has come, or it is no good. */
  #state: "coming" | "whole" | "broken" = "coming";
  #isWriting = false;
  /** Whether the last byte has been written, or is being written. */
  #isWritten: boolean;

  constructor(link: Link, { content, size, ownsPieces }: OpenFile, monitor: ActivityMonitor) {
    this.#link = link;
    this.#ownsPieces = ownsPieces;
    this.#content = content;
    this.#size = size;
    this.#monitor = monitor;
    this.#blocks = new BlockWriter(size);
    this.#isWritten = size === 0;
  }

  async send(): Promise<void> {
    const cutOff = (): void => this.#fail(new Error("the file was cut off"));
    this.#monitor.waitFor("us");
    this.#content.on("error", (error) => this.#fail(error));
    this.#content.on("close", cutOff);
    this.#content.on("end", () => this.#end());
    this.#content.on("data", (chunk: unknown) => this.#take(chunk));
    if (this.#content.readableEnded) this.#end();
    else if (this.#content.destroyed) cutOff();
    this.#content.resume();
    await this.#sent.promise;
  }

  async hear(): Promise<void> {
    for (;;) {
      const line = await this.#link.line();
      if (line === undefined) throw failed(this.#isWritten ? "unconfirmed" : "closed");
      const problem = lineProblem(line);
      if (problem !== undefined) throw problem;
      if (isReceived(line)) {
        if (this.#isWritten) return;
        throw failed("protocol");
      }
    }
  }

  #take(chunk: unknown): void {
    if (this.#state !== "coming") return;
    if (!(chunk instanceof Uint8Array)) return this.#fail(new TypeError("the file does not come as bytes"));
    this.#bytes += chunk.length;
    if (this.#bytes > this.#size) return this.#fail(new Error("the file is longer than its size"));
    this.#rest = chunk;
    this.#piece = chunk;
    this.#go();
  }

  #end(): void {
    if (this.#state !== "coming") return;
    if (this.#bytes < this.#size) return this.#fail(new Error("the file is shorter than its size"));
    this.#state = "whole";
    this.#go();
  }

  #fail(cause: unknown): void {
    if (this.#state !== "coming") return;
    this.#state = "broken";
    this.#sent.reject(failed("content", cause));
  }

  #go(): void {
    do {
      this.#rest = this.#rest.subarray(this.#blocks.fill(this.#rest));
    } while (this.#write());
    if (!this.#isWriting) this.#monitor.waitFor(this.#state === "coming" ? "us" : "them");
    if (this.#rest.length > 0) return void this.#content.pause();
    if (this.#ownsPieces && this.#piece !== undefined) giveBack(this.#piece);
    this.#piece = undefined;
    this.#rest = NOTHING;
    this.#content.resume();
  }

  /** Writes what is ready, unless something is being written. @returns false when there is nothing to write */
  #write(): boolean {
    if (this.#isWriting || this.#state === "broken") return false;
    const isLast = this.#state === "whole" && this.#rest.length === 0;
    const blocks = isLast ? this.#blocks.end() : this.#blocks.take();
    if (blocks.length === 0) {
      if (isLast) this.#sent.resolve();
      return false;
    }
    this.#isWriting = true;
    // Before it is written: the answer can come first.
    this.#isWritten ||= isLast;
    this.#monitor.waitFor("them");
    this.#link.send(blocks, (error) => {
      if (error === undefined) this.#written(dataBytesIn(blocks.length));
      else this.#sent.reject(error);
    });
    return true;
  }

  #written(bytes: number): void {
    const pause = this.#monitor.moved(bytes);
    if (pause === undefined) this.#writeOn();
    else void pause.then(() => this.#writeOn());
  }

  #writeOn(): void {
    this.#isWriting = false;
    this.#go();
  }
}

function isReceived(line: string): boolean {
  return RECEIVED_CODES.has(byeCode(line) ?? Number.NaN);
}

/** What a line of the receiver's ends the transfer with; undefined when it does not, or well. */
function lineProblem(line: string): TransferEnd | undefined {
  const code = byeCode(line);
  const isCancelled = line.trim().toUpperCase() === "CCL" || code === CANCELLED_CODE;
  if (isCancelled) return new TransferEnd({ state: "cancelled", by: "them", code: "OUTBANDCANCEL" });
  if (code === undefined || RECEIVED_CODES.has(code)) return undefined;
  return failed(BYE_PROBLEMS.get(code) ?? "not-saved");
}

/** The number of a BYE, not a number when it has none; undefined for another line. */
function byeCode(line: string): number | undefined {
  const [name, code] = line.trim().split(" ");
  return name?.toUpperCase() === "BYE" ? parseCount(code) : undefined;
}
