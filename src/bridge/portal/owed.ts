import { commitWithRetry, type CommitOptions } from "../base/commit.ts";

/** What is to be told and the disk may not take yet. */
export class Owed {
  readonly #options: CommitOptions;
  readonly #waiting = new Set<() => void>();

  constructor(options: CommitOptions) {
    this.#options = options;
  }

  /** Whether all of it has been written down. Where it has not, the next run has to tell that something may be missing. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Tells something, by `work`, as soon as the disk takes it. */
  tell(work: () => void): void {
    this.#waiting.add(work);
    commitWithRetry(this.#options, () => {
      work();
      this.#waiting.delete(work);
    });
  }
}
