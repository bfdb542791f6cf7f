import { MatrixError } from "../../matrix/client/errors.ts";
import { isDiskFull } from "../../store/errors.ts";
import { Backoff } from "../../util/backoff.ts";
import { sleep, type Clock } from "../../util/clock.ts";

const RETRY = { first: 1000, most: 60_000 };

/**
 * Does something that asks the homeserver, again and again while the homeserver is away or the disk is full.
 * @param tries after how many failures it is given up
 * @throws what the last try threw
 */
export async function retry<T>(
  work: () => Promise<T>,
  { clock, signal, tries }: { clock: Clock; signal: AbortSignal; tries: number },
): Promise<T> {
  const backoff = new Backoff(RETRY);
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      const isAway = error instanceof MatrixError && error.retryable;
      if (!(isAway || isDiskFull(error)) || left === 1 || signal.aborted) throw error;
      const asked = isAway ? (error.retryAfterMs ?? 0) : 0;
      await sleep(clock, Math.max(backoff.next(), asked), signal);
    }
  }
}
