/** The most bytes of the file in one block (docs/msnp.md 5). */
export const LONGEST_BLOCK = 2045;

const HEADER = 3;

/** Ends a file, or cancels it. */
export const END_MARK: Buffer = Buffer.from([1, 0, 0]);

/** `bytes` cut into blocks; all but the last have `length` bytes. */
export function encodeBlocks(bytes: Buffer, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += length) {
    const block = bytes.subarray(at, at + length);
    parts.push(Buffer.from([0, block.length & 255, block.length >> 8]), block);
  }
  return Buffer.concat(parts);
}

/** How much of what `encodeBlocks` makes has to go out until `count` bytes of the file have. */
export function encodedLength(count: number, length: number): number {
  return count + HEADER * Math.ceil(count / length);
}

/** What the three bytes in front of a block say; undefined when they make no sense. */
export function parseBlockHeader(header: Buffer): { type: "bytes"; length: number } | { type: "end" } | undefined {
  if (header.length !== HEADER || header.readUInt8(0) > 1) return undefined;
  if (header.readUInt8(0) === 1) return { type: "end" };
  const length = header.readUInt16LE(1);
  return length > LONGEST_BLOCK ? undefined : { type: "bytes", length };
}
