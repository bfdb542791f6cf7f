import { failed, TransferEnd } from "./outcome.ts";

// docs/msnp.md 5.2: a byte for the kind, two for the length, the low one first.
const HEADER_BYTES = 3;
const DATA = 0;
const END = 1;
// What we write. Others may write blocks of any length that the header can tell.
const MAX_DATA = 2045;
const BLOCK_BYTES = HEADER_BYTES + MAX_DATA;
/** The most that is written at once: a slow peer takes it long before they are taken for silent. */
const BATCH_BYTES = 32 * BLOCK_BYTES;

const NOTHING = Buffer.alloc(0);

/** What the sender of a file says to cancel it. */
export const END_BLOCK = Buffer.from([END, 0, 0]);

/**
 * Lays a file out in blocks, all full but the last, because some clients expect it (docs/msnp.md 5.2). The last one is not
 * given before the end: a file that turns out to be longer never looks complete. There are two pieces of memory, used in
 * turn: one is filled while the other is written.
 */
export class BlockWriter {
  /** Bytes of the file that have no place yet. */
  #left: number;
  #memory: Buffer;
  #other: Buffer;
  /** Up to where `#memory` is laid out, where its newest block begins, and how many bytes that block lacks. */
  #filled = 0;
  #newest = 0;
  #missing = 0;

  /** @param size of the file, in bytes */
  constructor(size: number) {
    this.#left = size;
    const batch = Math.min(BATCH_BYTES, size + HEADER_BYTES * Math.ceil(size / MAX_DATA));
    this.#memory = Buffer.allocUnsafeSlow(batch);
    this.#other = Buffer.allocUnsafeSlow(batch);
  }

  /** Takes the next bytes of the file, as far as there is room for them. @returns how many it has taken */
  fill(data: Uint8Array): number {
    let at = 0;
    while (at < data.length && (this.#missing > 0 || this.#beginBlock())) {
      const taken = Math.min(this.#missing, data.length - at);
      this.#memory.set(data.subarray(at, at + taken), this.#filled);
      at += taken;
      this.#filled += taken;
      this.#missing -= taken;
      this.#left -= taken;
    }
    return at;
  }

  /** @returns the blocks that are whole, the last one of the file excepted; good until the call after the next */
  take(): Buffer {
    const end = this.#missing === 0 && this.#left > 0 ? this.#filled : this.#newest;
    if (end === 0) return NOTHING;
    const whole = this.#memory.subarray(0, end);
    this.#memory.copy(this.#other, 0, end, this.#filled);
    [this.#memory, this.#other] = [this.#other, this.#memory];
    this.#filled -= end;
    this.#newest = 0;
    return whole;
  }

  /** @returns what is left at the end of the file, the last block; nothing of a file without bytes */
  end(): Buffer {
    const last = this.#memory.subarray(0, this.#filled);
    this.#filled = 0;
    this.#newest = 0;
    return last;
  }

  /** False: there is no room, or the file has no more bytes. */
  #beginBlock(): boolean {
    if (this.#left === 0 || this.#filled === this.#memory.length) return false;
    this.#missing = Math.min(this.#left, MAX_DATA);
    this.#newest = this.#filled;
    this.#memory.writeUInt8(DATA, this.#filled);
    this.#memory.writeUInt16LE(this.#missing, this.#filled + 1);
    this.#filled += HEADER_BYTES;
    return true;
  }
}

/** How many bytes of a file are in blocks of so many bytes, all full but the last. */
export function dataBytesIn(blockBytes: number): number {
  return blockBytes - HEADER_BYTES * Math.ceil(blockBytes / BLOCK_BYTES);
}

/** Puts the file together again, however the blocks are cut on their way. */
export class BlockReader {
  /** How many bytes of the file are still to come. */
  #missing: number;
  /** How many of them belong to the block that has begun. */
  #inBlock = 0;
  /** A header, its first byte the lowest, and how many of its bytes have come. */
  #header = 0;
  #headerBytes = 0;

  /** @param size of the file, in bytes */
  constructor(size: number) {
    this.#missing = size;
  }

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  /**
   * @param bytes written over: their memory becomes that of the result
   * @returns the part of the file that they hold
   * @throws TransferEnd when the sender cancels, sends more than they announced, or what is no block
   */
  push(bytes: Buffer): Buffer {
    let length = 0;
    for (let at = 0; at < bytes.length;) {
      if (this.#inBlock === 0) {
        at = this.#readHeader(bytes, at);
        continue;
      }
      const taken = Math.min(this.#inBlock, bytes.length - at);
      bytes.copyWithin(length, at, at + taken);
      at += taken;
      length += taken;
      this.#inBlock -= taken;
      this.#missing -= taken;
    }
    return bytes.subarray(0, length);
  }

  #readHeader(bytes: Buffer, start: number): number {
    let at = start;
    for (; this.#headerBytes < HEADER_BYTES && at < bytes.length; at += 1, this.#headerBytes += 1)
      this.#header |= (bytes[at] ?? 0) << (8 * this.#headerBytes);
    if (this.#headerBytes === HEADER_BYTES) {
      const header = this.#header;
      this.#header = 0;
      this.#headerBytes = 0;
      this.#begin(header & 0xff, header >> 8);
    }
    return at;
  }

  #begin(kind: number, length: number): void {
    if (kind !== DATA && kind !== END) throw failed("protocol");
    if (kind === END && length === 0) {
      // Some say the end once more behind the last byte (docs/msnp.md 5.2).
      if (this.isComplete) return;
      throw new TransferEnd({ state: "cancelled", by: "them", code: "OUTBANDCANCEL" });
    }
    // With data, the end precedes the last block.
    const isTooShort = kind === END && length < this.#missing;
    if (length > this.#missing || isTooShort) throw failed("wrong-size");
    this.#inBlock = length;
  }
}
