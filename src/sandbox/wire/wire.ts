/** One command of a connection. */
export interface ClientCommand {
  readonly name: string;
  readonly args: readonly string[];
  /** Present for the commands that carry a payload, and only for them. */
  readonly payload?: Buffer;
}

/**
 * What becomes of the texts in arguments (names of people and groups, telephone numbers). In memory they are as `read`
 * leaves them; `write` has to be told nothing else.
 */
export interface TextForm {
  /** An argument of a client, as it is kept. */
  readonly read: (word: string) => string;
  /** A kept text, as an argument of the server. */
  readonly write: (text: string) => string;
  readonly fromPlain: (text: string) => string;
  readonly toPlain: (text: string) => string;
}

/** The peer sent bytes after which the stream cannot be read any more. */
export class WireError extends Error {
  override readonly name = "WireError";
}

const LF = 0x0a;
const MOST_BUFFERED = 1 << 20;
// docs/msnp.md 1.3: of what an MSNP8 client sends, only these two carry one.
const WITH_PAYLOAD: ReadonlySet<string> = new Set(["MSG", "QRY"]);
// The servers split a line at any white space of Unicode, which is why a raw no-break space in a name shifts arguments.
const WHITE_SPACE = /\p{White_Space}+/u;

/** Cuts the bytes of a client into commands. */
export class WireReader {
  readonly #readArgument: TextForm["read"];
  #buffer: Buffer = Buffer.alloc(0);
  #stalled = false;

  /** @param readArgument today's servers decode each argument once */
  constructor(readArgument: TextForm["read"] = percentDecode) {
    this.#readArgument = readArgument;
  }

  push(chunk: Buffer): void {
    if (this.#stalled) return;
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
  }

  /**
   * The next whole command, or undefined when more bytes are needed.
   * @throws WireError when the stream is broken for good; the connection has to be closed
   */
  next(): ClientCommand | undefined {
    const end = this.#stalled ? -1 : this.#buffer.indexOf(LF);
    if (end < 0) return this.#wait();
    const [name, ...args] = splitLine(this.#buffer.subarray(0, end), this.#readArgument);
    if (name === undefined || (args.length === 0 && name.length < 2)) return this.#stall();
    if (!WITH_PAYLOAD.has(name)) return this.#take(end + 1, { name, args });
    const length = payloadLength(args.pop());
    const payloadEnd = end + 1 + length;
    if (payloadEnd > this.#buffer.length) return this.#wait();
    return this.#take(payloadEnd, { name, args, payload: Buffer.from(this.#buffer.subarray(end + 1, payloadEnd)) });
  }

  #take(bytes: number, command: ClientCommand): ClientCommand {
    this.#buffer = this.#buffer.subarray(bytes);
    return command;
  }

  #wait(): undefined {
    if (this.#buffer.length > MOST_BUFFERED) throw new WireError("a command is longer than 1 MiB");
  }

  // docs/msnp.md 8.1(1): an empty line makes the servers' reader wait for ever.
  #stall(): undefined {
    this.#stalled = true;
    this.#buffer = Buffer.alloc(0);
  }
}

/** A server line with its end. Absent (undefined) arguments are left out. */
export function encodeLine(
  name: string,
  args: readonly (string | number | undefined)[],
  write: TextForm["write"] = escapeArgument,
): Buffer {
  const words = args.filter((arg) => arg !== undefined).map((arg) => write(String(arg)));
  return Buffer.from(`${[name, ...words].join(" ")}\r\n`);
}

/** A server command with a payload; the length in bytes is added as its last argument. */
export function encodePayload(
  name: string,
  args: readonly (string | number)[],
  payload: Buffer,
  write?: TextForm["write"],
): Buffer {
  return Buffer.concat([encodeLine(name, [...args, payload.length], write), payload]);
}

function splitLine(line: Buffer, readArgument: TextForm["read"]): string[] {
  const text = decodeStrictly(line);
  if (text === undefined) throw new WireError("a command line is not valid UTF-8");
  const [name, ...args] = text.split(WHITE_SPACE).filter((word) => word !== "");
  return name === undefined ? [] : [name.toUpperCase(), ...args.map(readArgument)];
}

function payloadLength(word: string | undefined): number {
  if (word === undefined || !/^\d{1,7}$/.test(word)) throw new WireError("a payload has no length");
  return Number(word);
}

/** Valid escapes become bytes, any other `%` stays; the bytes are read as UTF-8 with replacement. */
export function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  const parts = text.split(/((?:%[0-9a-f]{2})+)/iu);
  return parts
    .map((part, at) => (at % 2 === 0 ? part : Buffer.from(part.replaceAll("%", ""), "hex").toString()))
    .join("");
}

/** The text of UTF-8 bytes, or undefined when they are not valid UTF-8. */
export function decodeStrictly(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Only `%`, space, CR and LF are escaped; all else is raw UTF-8 (docs/msnp.md 8.1(4)). */
export function escapeArgument(text: string): string {
  return text.replaceAll(/[% \r\n]/gu, encodeURIComponent);
}

/** For texts that are percent-encoded already, except for those which the server itself makes. */
export function escapeSpace(text: string): string {
  return text.replaceAll(/[ \r\n]/gu, encodeURIComponent);
}
