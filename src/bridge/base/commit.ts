import { isDiskError } from "../../store/errors.ts";
import type { Store } from "../../store/store.ts";
import { retry, type WaitScope } from "./retry.ts";

/** What a commit needs that must be made some time. */
interface CommitScope extends WaitScope {
  readonly store: Pick<Store, "batch">;
}

/**
 * Writes down in one commit how something ended, again later if the disk does not take it now. What fails for another
 * reason would fail again, and is logged.
 */
export function commitWithRetry(scope: CommitScope, work: () => void): void {
  commitUntilWritten(scope, () => scope.store.batch(work)).catch((error: unknown) => {
    // Told already; whether the next run has to say so is for the caller to keep.
    if (!isDiskError(error)) scope.log.fatal({ error }, "What the bridge has done cannot be noted.");
  });
}

/**
 * Writes down what became of bytes that have gone out, and waits for as long as the disk does not take it: if it were
 * forgotten, people would be told something else. The first try is made before this returns.
 * @throws what `work` throws for another reason, or when the bridge stops before it is written
 */
export async function commitUntilWritten<T>({ clock, log, signal }: WaitScope, work: () => T | Promise<T>): Promise<T> {
  const attempt = async (): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isDiskError(error)) log.fatal({ error }, "The bridge cannot write to its database; it tries again.");
      throw error;
    }
  };
  return retry(attempt, { clock, signal, tries: Number.POSITIVE_INFINITY });
}
