import { isDiskError } from "../../store/errors.ts";
import type { Store } from "../../store/store.ts";
import { later, sleep, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";

export interface CommitOptions {
  readonly store: Pick<Store, "batch">;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 10_000;

/**
 * Writes down in one commit how something ended, again later if the disk does not take it now. What fails for another
 * reason would fail again, and stands in the log.
 */
export function commitWithRetry(options: CommitOptions, work: () => void): void {
  const { store, clock, log, signal } = options;
  try {
    store.batch(work);
  } catch (error) {
    if (!isDiskError(error)) return log.fatal({ error }, "What the bridge has done cannot be noted.");
    log.fatal({ error }, "The bridge cannot write to its database, so that what it has done is not noted yet.");
    later(clock, RETRY_MS, signal, () => commitWithRetry(options, work));
  }
}

/**
 * Writes down what became of bytes that have gone out, and waits for as long as the disk does not take it: if it were
 * forgotten, people would be told something else.
 * @throws what `work` throws for another reason, or when the bridge stops before it is written
 */
export async function commitUntilWritten(options: Omit<CommitOptions, "store">, work: () => void): Promise<void> {
  const { clock, log, signal } = options;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isDiskError(error) || signal.aborted) throw error;
      log.error({ error }, "the disk does not take what became of a message; it is tried again");
      await sleep(clock, RETRY_MS, signal);
    }
  }
}
