import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BYTES = 24 * 2 ** 20;

/** A real file system of 24 MiB, which can be filled. */
export class SmallDisk {
  readonly path: string;
  #greed: NodeJS.Timeout | undefined;
  #ballasts = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws Error when this process must not mount anything */
  static mount(): SmallDisk {
    const path = mkdtempSync(join(tmpdir(), "msn-disk-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${BYTES}`, "tmpfs", path], { stdio: "pipe" });
      return new SmallDisk(path);
    } catch (error) {
      rmSync(path, { recursive: true });
      throw error;
    }
  }

  /** Takes all the room that there is. */
  fill(): void {
    const file = openSync(join(this.path, `ballast-${(this.#ballasts += 1)}`), "w");
    try {
      for (const size of [64 * 1024, 4096]) while (tryToWrite(file, size));
    } finally {
      closeSync(file);
    }
  }

  /** Takes also the room that the bridge makes, as a neighbour on the disk does. */
  fillAndKeepFull(): void {
    this.fill();
    this.#greed ??= setInterval(() => this.fill(), 5);
  }

  free(): void {
    clearInterval(this.#greed);
    this.#greed = undefined;
    for (; this.#ballasts > 0; this.#ballasts -= 1) rmSync(join(this.path, `ballast-${this.#ballasts}`));
  }

  unmount(): void {
    clearInterval(this.#greed);
    execFileSync("umount", ["--lazy", this.path]);
    rmSync(this.path, { recursive: true });
  }
}

function tryToWrite(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size, 1)) === size;
  } catch {
    return false;
  }
}
