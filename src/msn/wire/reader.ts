import { MsnError } from "../errors.ts";
import type { Command } from "./command.ts";

/** How many payload bytes follow a command's line; undefined when it has none. NaN says that the length is unreadable. */
export type PayloadLength = (command: Command) => number | undefined;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

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
  #line: Buffer = Buffer.alloc(0);
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
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#awaiting !== undefined) {
        rest = this.#collect(this.#awaiting, rest);
        if (this.#awaiting.missing > 0) return;
        const { command, parts } = this.#awaiting;
        this.#awaiting = undefined;
        yield { ...command, payload: Buffer.concat(parts) };
        continue;
      }
      const end = rest.indexOf(LINE_FEED);
      const line = Buffer.concat([this.#line, end === -1 ? rest : rest.subarray(0, end)]);
      if (line.length > MAX_LINE) throw new MsnError("protocol", "the server sent a line that is too long");
      this.#line = end === -1 ? line : Buffer.alloc(0);
      if (end === -1) return;
      rest = rest.subarray(end + 1);
      const command = parseLine(line);
      if (command === undefined) continue;
      const length = this.#lengthAfter(command);
      if (length === undefined) yield command;
      else if (length === 0) yield { ...command, payload: Buffer.alloc(0) };
      else this.#awaiting = { command, missing: length, parts: [] };
    }
  }

  #lengthAfter(command: Command): number | undefined {
    const length = this.#payloadLength(command);
    if (length === undefined) return undefined;
    if (!Number.isSafeInteger(length) || length < 0 || length > MAX_PAYLOAD) {
      throw new MsnError("protocol", `the server sent ${command.name} with an impossible payload length`);
    }
    return length;
  }

  #collect(awaiting: { missing: number; parts: Buffer[] }, bytes: Buffer): Buffer {
    const part = bytes.subarray(0, awaiting.missing);
    // A copy, since a slice would keep the whole chunk of the socket alive while the payload is incomplete.
    awaiting.parts.push(Buffer.from(part));
    awaiting.missing -= part.length;
    return bytes.subarray(part.length);
  }
}

// Splits at single spaces only and keeps empty arguments (docs/msnp.md 1.1). An empty line is no command.
function parseLine(bytes: Buffer): Command | undefined {
  const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
  if (end === 0) return undefined;
  const [name = "", ...args] = bytes.toString("utf8", 0, end).split(" ");
  return { name: name.toUpperCase(), args };
}

/** The number that an argument stands for: digits only, otherwise NaN. */
export function parseCount(arg: string | undefined): number {
  return arg !== undefined && /^\d{1,15}$/u.test(arg) ? Number(arg) : Number.NaN;
}
