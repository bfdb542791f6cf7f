import { MatrixError } from "../../matrix/client/errors.ts";
import { isDiskError } from "../../store/errors.ts";
import { Backoff } from "../../util/backoff.ts";
import { sleep } from "../../util/clock.ts";
import type { CoreScope } from "./scope.ts";

/** What every wait for the homeserver or the disk takes of the bridge. */
export type WaitScope = Pick<CoreScope, "clock" | "log" | "signal">;

/** The waits for a homeserver that is away, in milliseconds. */
export const HOMESERVER_WAITS = { first: 1000, most: 60_000 };
/** The wait for a disk that is full or locked, in milliseconds. */
export const DISK_WAIT_MS = 10_000;

/**
 * Does something again and again while the homeserver is away, or the disk full or locked. The first try begins before this
 * returns.
 * @param tries after how many failures it is given up
 * @throws what the last try threw
 */
export async function retry<T>(
  work: () => T | Promise<T>,
  { clock, signal, tries }: Pick<WaitScope, "clock" | "signal"> & { readonly tries: number },
): Promise<T> {
  const backoff = new Backoff(HOMESERVER_WAITS);
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || left === 1 || signal.aborted) throw error;
      await sleep(clock, waitAfter(error, backoff), signal);
    }
  }
}

/** Whether the same may succeed later. */
export function isAway(error: unknown): boolean {
  return isDiskError(error) || (error instanceof MatrixError && error.retryable);
}

/** How long to wait after an error, in milliseconds. */
export function waitAfter(error: unknown, backoff: Backoff): number {
  if (isDiskError(error)) return DISK_WAIT_MS;
  return Math.max(backoff.next(), error instanceof MatrixError ? (error.retryAfterMs ?? 0) : 0);
}
