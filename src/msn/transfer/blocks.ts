import { failed, TransferEnd } from "./outcome.ts";

// docs/msnp.md 5.2: a byte for the kind, two for the length, the low one first.
const HEADER_BYTES = 3;
const DATA = 0;
const END = 1;
// What we write. Others may write blocks of any length that the header can tell.
const MAX_DATA = 2045;
const BLOCK_BYTES = HEADER_BYTES + MAX_DATA;

const NOTHING = Buffer.alloc(0);

/** What the sender of a file says to cancel it. */
export const END_BLOCK = Buffer.from([END, 0, 0]);

/**
 * Cuts a file into blocks, all full but the last, because some clients expect it (docs/msnp.md 5.2). The last one is not
 * given before the end: a file that turns out to be longer never looks complete.
 */
export class BlockWriter {
  /** What waits for the rest of its block. */
  #rest: Buffer = NOTHING;
  /** Used again and again: memory for every piece would have to be cleared away as often. */
  #memory: Buffer = NOTHING;

  /** @returns the blocks that are ready, until the next call */
  push(data: Buffer): Buffer {
    const count = Math.max(Math.ceil((this.#rest.length + data.length) / MAX_DATA) - 1, 0);
    if (count === 0) {
      this.#rest = Buffer.concat([this.#rest, data]);
      return NOTHING;
    }
    if (this.#memory.length < count * BLOCK_BYTES) this.#memory = Buffer.allocUnsafe(count * BLOCK_BYTES);
    const blocks = this.#memory.subarray(0, count * BLOCK_BYTES);
    let at = 0;
    for (let block = 0; block < count; block += 1) {
      const start = block * BLOCK_BYTES + HEADER_BYTES;
      writeHeader(blocks, start - HEADER_BYTES, MAX_DATA);
      const kept = block === 0 ? this.#rest.copy(blocks, start) : 0;
      at += data.copy(blocks, start + kept, at, at + MAX_DATA - kept);
    }
    this.#rest = data.subarray(at);
    return blocks;
  }

  /** @returns the last block; nothing of a file without bytes */
  end(): Buffer {
    if (this.#rest.length === 0) return NOTHING;
    const block = Buffer.allocUnsafe(HEADER_BYTES + this.#rest.length);
    writeHeader(block, 0, this.#rest.length);
    this.#rest.copy(block, HEADER_BYTES);
    this.#rest = NOTHING;
    return block;
  }
}

/** Puts the file together again, however the blocks are cut on their way. */
export class BlockReader {
  /** How many bytes of the file are still to come. */
  #missing: number;
  /** How many of them belong to the block that has begun. */
  #inBlock = 0;
  readonly #header = Buffer.alloc(HEADER_BYTES);
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
      const taken = bytes.copy(bytes, length, at, at + this.#inBlock);
      at += taken;
      length += taken;
      this.#inBlock -= taken;
      this.#missing -= taken;
    }
    return bytes.subarray(0, length);
  }

  #readHeader(bytes: Buffer, at: number): number {
    const taken = bytes.copy(this.#header, this.#headerBytes, at);
    this.#headerBytes += taken;
    if (this.#headerBytes === HEADER_BYTES) {
      this.#headerBytes = 0;
      this.#begin(this.#header.readUInt8(0), this.#header.readUInt16LE(1));
    }
    return at + taken;
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

function writeHeader(block: Buffer, at: number, length: number): void {
  block.writeUInt8(DATA, at);
  block.writeUInt16LE(length, at + 1);
}
