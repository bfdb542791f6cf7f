import type { Readable } from "node:stream";
import { parseCount } from "../wire/reader.ts";
import { BlockWriter, END_BLOCK } from "./blocks.ts";
import type { Link } from "./link.ts";
import { expectVersion, RECEIVED_CODES, VERSION_LINE } from "./msnftp.ts";
import { failed, TransferEnd, type FileProblem, type TransferOutcome } from "./outcome.ts";
import type { ActivityMonitor } from "./transfer-lifecycle.ts";

// A caller may hand over a file in one piece.
const MAX_PIECE = 64 * 1024;

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

/**
 * Sends a file to a receiver who was greeted. Resolves when they have confirmed it.
 * @throws TransferEnd
 */
export async function sendContent(
  link: Link,
  size: number,
  content: Readable,
  monitor: ActivityMonitor,
): Promise<void> {
  await link.write(`FIL ${size}\r\n`);
  const start = await link.line();
  if (start === undefined) throw failed("closed");
  if (start.trim().toUpperCase() !== "TFR") throw lineProblem(start) ?? failed("protocol");
  const sender = new Sender(link, size, monitor);
  // The receiver may cancel in the middle, so that they are heard all the time.
  await Promise.all([sender.send(content), sender.hear()]);
}

/** What the sender of a file says last, when that was the outcome. */
export function closingLineOfSender(outcome: TransferOutcome): Buffer {
  return outcome.state === "done" ? Buffer.alloc(0) : END_BLOCK;
}

class Sender {
  readonly #link: Link;
  readonly #size: number;
  readonly #monitor: ActivityMonitor;
  readonly #blocks = new BlockWriter();
  #bytes = 0;
  #isWritten: boolean;

  constructor(link: Link, size: number, monitor: ActivityMonitor) {
    this.#link = link;
    this.#size = size;
    this.#monitor = monitor;
    this.#isWritten = size === 0;
  }

  async send(content: Readable): Promise<void> {
    for await (const piece of piecesOf(content, this.#monitor)) {
      this.#bytes += piece.length;
      if (this.#bytes > this.#size) throw failed("content", new Error("the file is longer than its size"));
      const blocks = this.#blocks.push(piece);
      if (blocks.length > 0) await this.#link.write(blocks);
      await this.#monitor.moved(piece.length);
    }
    if (this.#bytes < this.#size) throw failed("content", new Error("the file is shorter than its size"));
    // Before it is written: the answer can come first.
    this.#isWritten = true;
    const last = this.#blocks.end();
    if (last.length > 0) await this.#link.write(last);
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
}

async function* piecesOf(content: Readable, monitor: ActivityMonitor): AsyncGenerator<Buffer> {
  try {
    monitor.waitFor("us");
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError("the file does not come as bytes");
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      monitor.waitFor("them");
      for (let at = 0; at < bytes.length; at += MAX_PIECE) yield bytes.subarray(at, at + MAX_PIECE);
      monitor.waitFor("us");
    }
  } catch (error) {
    throw failed("content", error);
  } finally {
    monitor.waitFor("them");
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
