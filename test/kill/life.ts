import { existsSync, readFileSync } from "node:fs";

/** What the probe noted while one process of the bridge lived. */
export class Life {
  /** When its loop began a turn, oldest first. */
  readonly #turns: number[] = [];
  readonly #kept = new Set<string>();

  /** @param notes lines of a moment and what happened then */
  constructor(notes: string) {
    // The last one may have been cut off.
    for (const line of notes.split("\n").slice(0, -1)) {
      const [, at, what, text = ""] = /^(\S+) (turn|kept)(?: (.*))?$/u.exec(line) ?? [];
      if (what === "turn") this.#turns.push(Number(at));
      else if (what === "kept") this.#kept.add(text);
    }
  }

  /** @param file where the probe wrote; there is none when the process was killed before that */
  static read(file: string): Life {
    return new Life(existsSync(file) ? readFileSync(file, "utf8") : "");
  }

  /** How often its loop went round since a moment. */
  turnsSince(at: number): number {
    return this.#turns.length - 1 - this.#turns.findLastIndex((turn) => turn <= at);
  }

  /** Whether it had a message on disk. */
  hasKept(text: string): boolean {
    return this.#kept.has(text);
  }
}
