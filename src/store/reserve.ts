import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const BLOCK = 64 * 1024;
// More than the reserve itself must fit, or the first write afterwards would have to give it up again.
const MARGIN = 1024 * 1024;

/** A file that keeps room on the disk: deleting it makes the room that is missing when the disk is full. */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Makes the file unless it exists. Returns false when there is not enough room for it. */
  make(): boolean {
    if (this.#exists()) return true;
    try {
      // Trying it would fill the disk for a moment each time.
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      if (bavail * bsize < this.#bytes + MARGIN) return false;
      this.#write();
      return true;
    } catch {
      // Half a reserve would only take the little room that is left.
      this.giveUp();
      return false;
    }
  }

  giveUp(): void {
    rmSync(this.#path, { force: true });
  }

  #exists(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found?.size === this.#bytes && found.blocks * 512 >= this.#bytes;
  }

  #write(): void {
    // Zeros would take no room on file systems that compress.
    const block = randomBytes(BLOCK);
    const file = openSync(this.#path, "w", 0o600);
    try {
      for (let left = this.#bytes + MARGIN; left > 0;) left -= writeSync(file, block, 0, Math.min(BLOCK, left));
      ftruncateSync(file, this.#bytes);
    } finally {
      closeSync(file);
    }
  }
}
