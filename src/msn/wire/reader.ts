import { MsnError } from "../base/errors.ts";
import type { Command } from "./command.ts";
import { ReceivedCommand } from "./received-command.ts";

/** Gets the commands that were read. */
export interface CommandSink {
  take(command: Command): void;
}

/** What a line begins with. */
interface Kind {
  readonly name: string;
  readonly hasPayload: boolean;
}

/** A command whose payload is being collected, and how much of it has come. */
interface Incomplete {
  readonly command: Command;
  readonly payload: Buffer;
  filled: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const NOTHING = Buffer.alloc(0);

// docs/msnp.md 1.1 and 1.3: real lines stay below 2 KiB, real payloads below 64 KiB.
const MAX_LINE = 8 * 1024;
const MAX_PAYLOAD = 1024 * 1024;

// Servers have about 40 names. Others only take longer to read.
const MAX_KINDS = 256;

/**
 * Cuts a stream of bytes into commands. It is either reading a line or collecting a payload of a known number of
 * bytes; it knows nothing of sockets, and it does not matter where the stream is cut into chunks.
 */
export class CommandReader {
  readonly #payloadCommands: ReadonlySet<string>;
  /** By the first four bytes of the line, the last of which is a space. */
  readonly #kinds = new Map<number, Kind>();
  /** The start of a line whose end has not come yet. */
  #line: Buffer = NOTHING;
  #awaiting: Incomplete | undefined;
  /** How many more commands are to be handed over. */
  #left = 0;

  /** @param payloadCommands the commands whose last argument is the length of a payload that follows the line */
  constructor(payloadCommands: ReadonlySet<string>) {
    this.#payloadCommands = payloadCommands;
  }

  /** How many more commands the last `push` could have handed over; none after `stop`. */
  get left(): number {
    return this.#left;
  }

  /**
   * Hands over the commands that `chunk` completes. A payload may be a part of the chunk and keep it alive: it is to be
   * read at once, and must be copied to be kept.
   * @param from where to begin in it
   * @param most how many commands to hand over at most
   * @returns where to begin the next time; the length of the chunk when all of it was taken
   * @throws MsnError `protocol` when a line or payload is too long or a payload's length cannot be read: where the
   * next command starts is then unknown for good
   */
  push(chunk: Buffer, sink: CommandSink, from = 0, most = Number.POSITIVE_INFINITY): number {
    this.#left = most;
    let at = from;
    if (this.#line.length > 0) {
      at = Math.min(findFeed(chunk, from) + 1, chunk.length);
      const line = Buffer.concat([this.#line, chunk.subarray(from, at)]);
      this.#line = NOTHING;
      this.#read(line, 0, sink);
    }
    return this.#read(chunk, at, sink);
  }

  /** Nothing more of the chunk is handed over that is being read. For the sink. */
  stop(): void {
    this.#left = 0;
  }

  // Runs for every command there is, so that it goes over the bytes by hand: calls out of JavaScript cost more than
  // the few bytes of a line.
  #read(chunk: Buffer, from: number, sink: CommandSink): number {
    let at = this.#awaiting === undefined ? from : this.#collect(this.#awaiting, chunk, from, sink);
    while (at < chunk.length && this.#left > 0) {
      const code = codeAt(chunk, at);
      const known = this.#kinds.get(code);
      const feed = findFeed(chunk, known === undefined ? at : at + 4);
      if (feed - at > MAX_LINE) throw new MsnError("protocol", "the server sent a line that is too long");
      if (feed === chunk.length) {
        // A copy, since a slice would keep the whole chunk of the socket alive until the rest comes.
        this.#line = Buffer.from(chunk.subarray(at));
        return chunk.length;
      }
      const end = feed > at && chunk[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed;
      const kind = known ?? this.#kindOf(chunk, at, end, code);
      const next = feed + 1;
      const length = kind.hasPayload ? payloadLength(kind.name, lastNumber(chunk, at, end)) : 0;
      const payload = kind.hasPayload ? chunk.subarray(next, next + length) : undefined;
      if (payload !== undefined && payload.length < length) {
        this.#awaiting = incomplete(kind.name, chunk.subarray(at, end), payload, length);
        return chunk.length;
      }
      this.#left -= 1;
      // An empty line is no command.
      if (end > at) sink.take(new ReceivedCommand(kind.name, chunk, at, end, payload));
      at = next + length;
    }
    return at;
  }

  /** @returns where the chunk goes on after the part of the payload in it */
  #collect(awaiting: Incomplete, chunk: Buffer, from: number, sink: CommandSink): number {
    const { command, payload } = awaiting;
    const copied = chunk.copy(payload, awaiting.filled, from);
    awaiting.filled += copied;
    if (awaiting.filled === payload.length) {
      this.#awaiting = undefined;
      this.#left -= 1;
      sink.take(command);
    }
    return from + copied;
  }

  #kindOf(bytes: Buffer, start: number, end: number, code: number): Kind {
    const [word = ""] = bytes.toString("utf8", start, end).split(" ", 1);
    const name = word.toUpperCase();
    const kind = { name, hasPayload: this.#payloadCommands.has(name) };
    const isRegular = end - start > 3 && bytes[start + 3] === SPACE;
    if (isRegular && this.#kinds.size < MAX_KINDS) this.#kinds.set(code, kind);
    return kind;
  }
}

/** The place of the next line feed; the length of the bytes where there is none. */
function findFeed(bytes: Buffer, from: number): number {
  // Asking for it at every byte would cost as much as the byte.
  const { length } = bytes;
  let at = from;
  while (at < length && bytes[at] !== LINE_FEED) at += 1;
  return at;
}

/** The next four bytes as one number; 0, which is no command's, where there are fewer. */
function codeAt(bytes: Buffer, at: number): number {
  return at + 4 > bytes.length ? 0 : bytes.readInt32BE(at);
}

/** The number at the end of the line that lies from `start` to `end`: digits after a space only, otherwise NaN. */
function lastNumber(bytes: Buffer, start: number, end: number): number {
  let number = 0;
  let at = end - 1;
  for (let factor = 1; at > start && bytes[at] !== SPACE; factor *= 10) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    number += digit * factor;
    at -= 1;
  }
  return at === end - 1 ? Number.NaN : number;
}

function payloadLength(name: string, length: number): number {
  if (length <= MAX_PAYLOAD) return length;
  throw new MsnError("protocol", `the server sent ${name} with an impossible payload length`);
}

function incomplete(name: string, line: Buffer, part: Buffer, length: number): Incomplete {
  const payload = Buffer.alloc(length);
  const filled = part.copy(payload);
  // Copies, since slices would keep the whole chunk of the socket alive until the rest comes.
  return { command: new ReceivedCommand(name, Buffer.from(line), 0, line.length, payload), payload, filled };
}

/** The number that an argument stands for: digits only, otherwise NaN. */
export function parseCount(arg: string | undefined): number {
  return arg !== undefined && /^\d{1,15}$/u.test(arg) ? Number(arg) : Number.NaN;
}
