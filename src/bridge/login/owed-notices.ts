import { commitWithRetry } from "../base/commit.ts";
import type { BaseScope } from "../base/scope.ts";

/** What users are to be told and the disk may not take yet. */
export class OwedNotices {
  readonly #scope: BaseScope;
  readonly #waiting = new Set<object>();

  constructor(scope: BaseScope) {
    this.#scope = scope;
  }

  /** Whether all of it has been written down. Where it has not, the next run has to tell that something may be missing. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Tells a user something as soon as the disk takes it. */
  tell(owner: string, sentence: string): void {
    const notice = {};
    this.#waiting.add(notice);
    commitWithRetry(this.#scope, () => {
      this.#scope.notices.tell(owner, sentence);
      // The disk may have it done twice.
      this.#waiting.delete(notice);
    });
  }
}
