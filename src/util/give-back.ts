import { isMarkedAsUntransferable } from "node:worker_threads";

/**
 * Gives the memory of bytes back at once, and not when the runtime tidies up next: whoever reads a hundred megabytes in
 * pieces has it look through all that the program holds at every thirtieth of them. Nobody may have another part of that
 * memory; the bytes are gone afterwards.
 */
export function giveBack(bytes: Uint8Array): void {
  const { buffer, byteOffset } = bytes;
  // Small buffers share memory that Node keeps for them, and has marked.
  if (byteOffset !== 0 || !(buffer instanceof ArrayBuffer) || isMarkedAsUntransferable(buffer)) return;
  // Whoever has just handed them on may still look at them.
  process.nextTick(release, buffer);
}

function release(buffer: ArrayBuffer): void {
  if (!buffer.detached) buffer.transfer(0);
}
