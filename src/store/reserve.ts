import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isForWantOfRoom } from "./errors.ts";

const BLOCK = 64 * 1024;
// More than the reserve itself must fit, or the first write afterwards would have to give it up again.
const MARGIN = 1024 * 1024;

/** A file that keeps room on the disk: deleting it makes the room that is missing when the disk is full. */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;
  #problem: string | undefined;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Why there is no such file, or why it cannot be deleted, though not for want of room; a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Makes the file unless it exists. Returns false when there is not enough room for it, and only then. */
  make(): boolean {
    this.#problem = undefined;
    try {
      if (this.#exists()) return true;
      // Trying it would fill the disk for a moment each time.
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      if (bavail * bsize < this.#bytes + MARGIN) return false;
      // What lies there may belong to another program.
      rmSync(this.#path, { force: true });
      this.#write();
      return true;
    } catch (error) {
      // Half a reserve would only take the little room that is left.
      this.giveUp();
      if (isForWantOfRoom(error)) return false;
      this.#problem = sentence(this.#path, error);
      return true;
    }
  }

  /** Deletes the file. Whatever keeps it from that, the database is no worse off than without one. */
  giveUp(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch (error) {
      this.#problem = sentence(this.#path, error);
    }
  }

  #exists(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found?.isFile() === true && found.size === this.#bytes && found.blocks * 512 >= this.#bytes;
  }

  #write(): void {
    // Zeros would take no room on file systems that compress.
    const block = randomBytes(BLOCK);
    const file = openSync(this.#path, "wx", 0o600);
    try {
      for (let left = this.#bytes + MARGIN; left > 0;) left -= writeSync(file, block, 0, Math.min(BLOCK, left));
      ftruncateSync(file, this.#bytes);
    } finally {
      closeSync(file);
    }
  }
}

function sentence(path: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `No room can be kept for when the disk is full, because ${path} cannot be made or deleted: ${reason}.`;
}
