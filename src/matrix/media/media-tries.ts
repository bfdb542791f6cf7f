import { Backoff } from "../../util/backoff.ts";
import { sleep, type Clock } from "../../util/clock.ts";
import { MatrixError, type MatrixErrorCode } from "../client/errors.ts";

export interface Tries {
  /** How many there are; being told to slow down uses none, but where there is one only, it is the last all the same. */
  readonly most: number;
  /** The longest that is waited between them, all in all, in milliseconds. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

const MAY_PASS: ReadonlySet<MatrixErrorCode> = new Set(["unreachable", "timeout"]);

/**
 * Does `attempt` again while that may help.
 * @throws what the last one failed with, or the signal's reason
 */
export async function withTries<T>({ most, patienceMs, clock, signal }: Tries, attempt: () => Promise<T>): Promise<T> {
  const backoff = new Backoff({ first: 500, most: 8_000 });
  const deadline = clock.now() + patienceMs;
  let left = most;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof MatrixError) || most === 1) throw error;
      const isPaced = error.code === "rate-limited";
      if (!isPaced) left -= 1;
      const wait = Math.max(backoff.next(), isPaced ? (error.retryAfterMs ?? 0) : 0);
      const mayHelp = isPaced || (left > 0 && MAY_PASS.has(error.code));
      if (!mayHelp || clock.now() + wait > deadline) throw error;
      await sleep(clock, wait, signal);
      signal?.throwIfAborted();
    }
  }
}
