import { MatrixError } from "../matrix/errors.ts";
import { Backoff } from "../util/backoff.ts";
import { sleep, type Clock } from "../util/clock.ts";

const RETRY = { first: 1000, most: 60_000 };

/**
 * Does something that asks the homeserver, again and again while the homeserver is away.
 * @param tries after how many failures it is given up
 * @throws what the last try threw
 */
export async function persist<T>(
  work: () => Promise<T>,
  { clock, signal, tries }: { clock: Clock; signal: AbortSignal; tries: number },
): Promise<T> {
  const backoff = new Backoff(RETRY);
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MatrixError && error.retryable) || left === 1 || signal.aborted) throw error;
      await sleep(clock, Math.max(backoff.next(), error.retryAfterMs ?? 0), signal);
    }
  }
}
