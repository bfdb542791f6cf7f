import type { Command } from "./command.ts";

const NOTHING = Buffer.alloc(0);

/** A command as it came. Its arguments are made when they are first read: until then it holds the bytes of its line. */
export class ReceivedCommand implements Command {
  readonly name: string;
  readonly payload: Buffer | undefined;
  #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  #args: readonly string[] | undefined;

  /** The line is what lies in `bytes` from `start` up to `end`. */
  constructor(name: string, bytes: Buffer, start: number, end: number, payload: Buffer | undefined) {
    this.name = name;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.payload = payload;
  }

  get args(): readonly string[] {
    if (this.#args === undefined) {
      this.#args = readArguments(this.#bytes, this.#start, this.#end);
      // What is kept of an argument keeps this one line alive, and not all that came with it.
      this.#bytes = NOTHING;
    }
    return this.#args;
  }
}

function readArguments(bytes: Buffer, start: number, end: number): string[] {
  const line = bytes.toString("utf8", start, end);
  if (!line.includes("\u{FFFD}")) return wordsAfterFirst(line);
  // Encoded, what is no UTF-8 meets the bytes that were encoded before, where the argument as a whole is read.
  return wordsAfterFirst(bytes.toString("latin1", start, end)).map((word) => {
    const raw = Buffer.from(word, "latin1");
    const text = raw.toString();
    return Buffer.from(text).equals(raw) ? text : word.replaceAll(/[\x80-\xff]/gu, encodeByte);
  });
}

function encodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

// Splits at single spaces only and keeps empty arguments (docs/msnp.md 1.1). In half the time of `split`.
function wordsAfterFirst(line: string): string[] {
  const words: string[] = [];
  for (let space = line.indexOf(" "); space !== -1;) {
    const next = line.indexOf(" ", space + 1);
    words.push(line.slice(space + 1, next === -1 ? undefined : next));
    space = next;
  }
  return words;
}
