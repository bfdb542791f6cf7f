import { realpathSync, statSync } from "node:fs";

/** The files of an open database, which are to stay the same ones: what is written into others, nobody will ever read. */
export class WatchedFiles {
  readonly #known: ReadonlyMap<string, string>;

  /** @param path of an open database */
  constructor(path: string) {
    const database = realpathSync(path);
    this.#known = new Map(
      [database, `${database}-wal`].flatMap((file) => {
        const identity = identityOf(file);
        return identity === undefined ? [] : [[file, identity]];
      }),
    );
  }

  /** One that has been deleted, or is another file now. */
  lost(): string | undefined {
    for (const [file, identity] of this.#known) if (identityOf(file) !== identity) return file;
    return undefined;
  }
}

function identityOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
