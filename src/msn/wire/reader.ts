import { MsnError } from "../errors.ts";
import type { Command } from "./command.ts";

/** How many payload bytes follow a command's line; undefined when it has none. NaN says that the length is unreadable. */
export type PayloadLength = (command: Command) => number | undefined;

const LINE_FEED = 0x0a;
const NOTHING = Buffer.alloc(0);

// docs/msnp.md 1.1 and 1.3: real lines stay below 2 KiB, real payloads below 64 KiB.
const MAX_LINE = 8 * 1024;
const MAX_PAYLOAD = 1024 * 1024;

/**
 * Cuts a stream of bytes into commands. It is either reading a line or collecting a payload of a known number of
 * bytes; it knows nothing of sockets, and it does not matter where the stream is cut into chunks.
 */
export class CommandReader {
  readonly #payloadLength: PayloadLength;
  /** The start of a line whose end has not come yet. */
  #line: Buffer = NOTHING;
  /** The command whose payload is being collected. */
  #awaiting: { command: Command; missing: number; parts: Buffer[] } | undefined;

  constructor(payloadLength: PayloadLength) {
    this.#payloadLength = payloadLength;
  }

  /**
   * The commands that `chunk` completes.
   * @throws MsnError `protocol` when a line or payload is too long or a payload's length cannot be read: where the
   * next command starts is then unknown for good
   */
  *push(chunk: Buffer): Generator<Command, void, void> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#awaiting !== undefined) {
        at += this.#collect(this.#awaiting, chunk, at);
        if (this.#awaiting.missing > 0) return;
        const { command, parts } = this.#awaiting;
        this.#awaiting = undefined;
        yield withPayload(command, joined(parts));
        continue;
      }
      const end = chunk.indexOf(LINE_FEED, at);
      const line = this.#takeLine(chunk, at, end);
      if (line === undefined) return;
      at = end + 1;
      const command = parseLine(line);
      if (command === undefined) continue;
      const length = this.#lengthAfter(command);
      if (length === undefined) yield command;
      else if (length === 0) yield withPayload(command, Buffer.alloc(0));
      else this.#awaiting = { command, missing: length, parts: [] };
    }
  }

  /** The text of the line that goes on at `start` and ends at `end`; kept, and undefined, when `end` is -1. */
  #takeLine(chunk: Buffer, start: number, end: number): string | undefined {
    const stop = end === -1 ? chunk.length : end;
    if (this.#line.length + stop - start > MAX_LINE) {
      throw new MsnError("protocol", "the server sent a line that is too long");
    }
    // Nearly every line lies within one chunk, and is read where it lies.
    if (end !== -1 && this.#line.length === 0) return chunk.toString("utf8", start, end);
    const line = Buffer.concat([this.#line, chunk.subarray(start, stop)]);
    this.#line = end === -1 ? line : NOTHING;
    return end === -1 ? undefined : line.toString("utf8");
  }

  #lengthAfter(command: Command): number | undefined {
    const length = this.#payloadLength(command);
    if (length === undefined) return undefined;
    if (!Number.isSafeInteger(length) || length < 0 || length > MAX_PAYLOAD) {
      throw new MsnError("protocol", `the server sent ${command.name} with an impossible payload length`);
    }
    return length;
  }

  /** @returns how many bytes of the chunk belonged to the payload */
  #collect(awaiting: { missing: number; parts: Buffer[] }, chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + awaiting.missing);
    // A copy, since a slice would keep the whole chunk of the socket alive while the payload is incomplete.
    awaiting.parts.push(Buffer.from(part));
    awaiting.missing -= part.length;
    return part.length;
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
}

function withPayload({ name, args }: Command, payload: Buffer): Command {
  return { name, args, payload };
}

// Splits at single spaces only and keeps empty arguments (docs/msnp.md 1.1). An empty line is no command.
function parseLine(line: string): Command | undefined {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  if (text === "") return undefined;
  const args = text.split(" ");
  const name = args.shift() ?? "";
  return { name: name.toUpperCase(), args };
}

/** The number that an argument stands for: digits only, otherwise NaN. */
export function parseCount(arg: string | undefined): number {
  return arg !== undefined && /^\d{1,15}$/u.test(arg) ? Number(arg) : Number.NaN;
}
