import { largestGroup } from "../../util/largest-group.ts";
import type { MsnScope } from "../base/scope.ts";
import type { MimeMessage } from "../wire/mime.ts";
import { parseCount } from "../wire/reader.ts";

/** Whose a message is that is not complete. */
export interface ChunkOwner {
  /** It has to make way for others. */
  forget(key: string): void;
}

export interface Incomplete {
  readonly owner: ChunkOwner;
  readonly key: string;
  readonly from: string;
  readonly headers: MimeMessage["headers"];
  /** How many parts there are in all. */
  readonly count: number;
  /** When the first one came. */
  readonly since: number;
  readonly parts: Buffer[];
  /** Of the body. */
  bytes: number;
  /** What it costs to keep it, headers and all. */
  cost: number;
}

const MAX_INCOMPLETE = 8;
const MAX_AGE_MS = 60_000;
const MAX_BYTES = 1024 * 1024;
// Parts are about 1400 bytes long, so that a message of the largest size has 750. Very many tiny ones are an attack.
const MAX_CHUNKS = 4096;

// What a part and a header cost beside their bytes, about.
const EXTRA_COST = 256;
const MAX_COST = 8 * 1024 * 1024;

/**
 * What the unfinished messages of all switchboards of one client may cost. Whoever has the most gives up the oldest, so that
 * nobody can have those of others dropped.
 */
export class ChunkBudget {
  /** Oldest first. */
  readonly #inside = new Set<Incomplete>();
  #cost = 0;

  /** What all of them cost together, in bytes. */
  get cost(): number {
    return this.#cost;
  }

  /** A message costs so much more. It may be the one that has to go. */
  grow(incomplete: Incomplete, cost: number): void {
    this.#inside.add(incomplete);
    incomplete.cost += cost;
    this.#cost += cost;
    while (this.#cost > MAX_COST) {
      const [oldest] = largestGroup(
        this.#inside,
        ({ from }) => from,
        (one) => one.cost,
      );
      if (oldest === undefined) return;
      oldest.owner.forget(oldest.key);
      this.leave(oldest);
    }
  }

  leave(incomplete: Incomplete): void {
    if (this.#inside.delete(incomplete)) this.#cost -= incomplete.cost;
  }
}

/** Who is told when a message will never be complete. */
export interface LossListener {
  /** @param headers of the message, if its beginning is known */
  onLoss(from: string, headers: MimeMessage["headers"] | undefined): void;
}

/**
 * Puts messages together that clients of later dialects send in numbered parts (docs/msnp.md 1.4); one for each
 * switchboard. Parts come in order; a message whose parts do not is dropped, and so is what is too old or too large.
 */
export class Chunks implements ChunkOwner {
  readonly #scope: Pick<MsnScope, "clock" | "log">;
  readonly #listener: LossListener;
  readonly #budget: ChunkBudget;
  /** By sender and message id, oldest first. */
  readonly #incomplete = new Map<string, Incomplete>();

  /** @param budget shared with other switchboards; one of its own if not given */
  constructor(scope: Pick<MsnScope, "clock" | "log">, listener: LossListener, budget = new ChunkBudget()) {
    this.#scope = scope;
    this.#listener = listener;
    this.#budget = budget;
  }

  /** Whether no message has begun whose end has not come. */
  get isEmpty(): boolean {
    return this.#incomplete.size === 0;
  }

  /** Forgets all that is not complete: nothing more will come. */
  clear(): void {
    for (const key of this.#incomplete.keys()) this.#drop(key, "the switchboard has closed");
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
    // An account holds no space, so that nobody can continue what another has begun.
    const key = `${from} ${id}`;
    // The first part names the number of parts, and no number of its own, or 0.
    return index === undefined || (count !== undefined && parseCount(index) === 0)
      ? this.#begin(key, from, message, parseCount(count))
      : this.#goOn(key, from, message.body, parseCount(index));
  }

  forget(key: string): void {
    this.#drop(key, "too much is incomplete");
  }

  #begin(key: string, from: string, { headers, body }: MimeMessage, count: number): MimeMessage | undefined {
    // It began again, whole this time perhaps.
    this.#remove(key);
    if (!(count >= 1 && count <= MAX_CHUNKS)) {
      this.#scope.log.debug({ count }, "skipped a message with an impossible number of parts");
      this.#listener.onLoss(from, headers);
      return undefined;
    }
    const [oldest] = this.#incomplete.keys();
    if (oldest !== undefined && this.#incomplete.size >= MAX_INCOMPLETE) this.#drop(oldest, "too many are incomplete");
    const since = this.#scope.clock.now();
    const incomplete = { owner: this, key, from, headers, count, since, parts: [], bytes: 0, cost: 0 };
    this.#incomplete.set(key, incomplete);
    this.#budget.grow(incomplete, costOf(headers));
    return this.#append(key, incomplete, body);
  }

  #goOn(key: string, from: string, body: Buffer, index: number): MimeMessage | undefined {
    const incomplete = this.#incomplete.get(key);
    if (incomplete === undefined) {
      this.#scope.log.debug({}, "skipped a part of a message whose beginning is not known");
      this.#listener.onLoss(from, undefined);
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
    // A copy, since the body alone would keep the part's headers in memory, or what else shares its memory.
    const part = Buffer.allocUnsafeSlow(body.length);
    body.copy(part);
    incomplete.parts.push(part);
    if (incomplete.parts.length < incomplete.count) {
      // A message that has just been dropped to make room costs nothing any more.
      if (this.#incomplete.has(key)) this.#budget.grow(incomplete, part.length + EXTRA_COST);
      return undefined;
    }
    this.#remove(key);
    // Bytes first, text later: a part may end within a code point.
    return { headers: incomplete.headers, body: Buffer.concat(incomplete.parts) };
  }

  // Looked after when a part comes: until then a few messages of limited size do no harm.
  #dropOld(): void {
    const now = this.#scope.clock.now();
    for (const [key, { since }] of this.#incomplete) {
      if (now - since >= MAX_AGE_MS) this.#drop(key, "its end did not come in time");
    }
  }

  #drop(key: string, reason: string): void {
    const incomplete = this.#incomplete.get(key);
    if (incomplete === undefined) return;
    this.#remove(key);
    const { from, headers, parts, count } = incomplete;
    this.#scope.log.debug({ reason, parts: parts.length, count }, "dropped an incomplete message");
    this.#listener.onLoss(from, headers);
  }

  #remove(key: string): void {
    const incomplete = this.#incomplete.get(key);
    if (incomplete !== undefined) this.#budget.leave(incomplete);
    this.#incomplete.delete(key);
  }
}

function costOf(headers: MimeMessage["headers"]): number {
  // A character of a string takes two bytes at most.
  return [...headers].reduce((cost, [name, value]) => cost + 2 * (name.length + value.length) + EXTRA_COST, EXTRA_COST);
}
