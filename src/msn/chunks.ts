import type { Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import type { MimeMessage } from "./wire/mime.ts";
import { parseCount } from "./wire/reader.ts";

interface Incomplete {
  readonly headers: MimeMessage["headers"];
  /** How many parts there are in all. */
  readonly count: number;
  /** When the first one came. */
  readonly since: number;
  readonly parts: Buffer[];
  bytes: number;
}

const MAX_INCOMPLETE = 8;
const MAX_AGE_MS = 60_000;
const MAX_BYTES = 1024 * 1024;
// Parts are about 1400 bytes long, so that a message of the largest size has 750. Very many tiny ones are an attack.
const MAX_CHUNKS = 4096;

/**
 * Puts messages together that clients of later dialects send in numbered parts (docs/msnp.md 1.4); one for each
 * switchboard. Parts come in order; a message whose parts do not is dropped, and so is what is too old or too large.
 */
export class Chunks {
  readonly #clock: Clock;
  readonly #log: Log;
  /** By sender and message id, oldest first. */
  readonly #incomplete = new Map<string, Incomplete>();

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Takes a message, whole or a part, from the account `from`.
   * @returns the whole message; undefined while parts of it are missing, and when it was dropped
   */
  add(from: string, message: MimeMessage): MimeMessage | undefined {
    const id = message.headers.get("message-id");
    const count = message.headers.get("chunks");
    const index = message.headers.get("chunk");
    if (!id || (count === undefined && index === undefined)) return message;
    this.#dropOld();
    // An account holds no space, so that nobody can continue what somebody else has begun.
    const key = `${from} ${id}`;
    return index === undefined
      ? this.#begin(key, message, parseCount(count))
      : this.#goOn(key, message.body, parseCount(index));
  }

  #begin(key: string, { headers, body }: MimeMessage, count: number): MimeMessage | undefined {
    this.#drop(key, "it began again");
    if (!(count >= 1 && count <= MAX_CHUNKS)) {
      this.#log.debug({ count }, "skipped a message with an impossible number of parts");
      return undefined;
    }
    const [oldest] = this.#incomplete.keys();
    if (oldest !== undefined && this.#incomplete.size >= MAX_INCOMPLETE) this.#drop(oldest, "too many are incomplete");
    const incomplete: Incomplete = { headers, count, since: this.#clock.now(), parts: [], bytes: 0 };
    this.#incomplete.set(key, incomplete);
    return this.#append(key, incomplete, body);
  }

  #goOn(key: string, body: Buffer, index: number): MimeMessage | undefined {
    const incomplete = this.#incomplete.get(key);
    if (incomplete === undefined) {
      this.#log.debug("skipped a part of a message whose beginning is not known");
      return undefined;
    }
    if (index === incomplete.parts.length) return this.#append(key, incomplete, body);
    this.#drop(key, "a part is missing or repeated");
    return undefined;
  }

  #append(key: string, incomplete: Incomplete, body: Buffer): MimeMessage | undefined {
    incomplete.bytes += body.length;
    if (incomplete.bytes > MAX_BYTES) {
      this.#drop(key, "it is too large");
      return undefined;
    }
    // A copy, since the body alone would keep the part's headers in memory.
    incomplete.parts.push(Buffer.from(body));
    if (incomplete.parts.length < incomplete.count) return undefined;
    this.#incomplete.delete(key);
    // Bytes first, text later: a part may end within a code point.
    return { headers: incomplete.headers, body: Buffer.concat(incomplete.parts) };
  }

  // Looked after when a part comes: until then a few messages of limited size do no harm.
  #dropOld(): void {
    const now = this.#clock.now();
    for (const [key, { since }] of this.#incomplete) {
      if (now - since >= MAX_AGE_MS) this.#drop(key, "its end did not come in time");
    }
  }

  #drop(key: string, reason: string): void {
    const incomplete = this.#incomplete.get(key);
    if (incomplete === undefined) return;
    this.#incomplete.delete(key);
    const { parts, count } = incomplete;
    this.#log.debug({ reason, parts: parts.length, count }, "dropped an incomplete message");
  }
}
