import { statfs } from "node:fs/promises";

/** The disk on which a folder is. */
export class FreeSpace {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How many bytes there is room for. */
  async bytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }
}
