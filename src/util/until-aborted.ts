import { onAbort } from "./on-abort.ts";

/**
 * Settles as `work` does, or at once with the signal's reason when it is aborted. `work` goes on; nothing asks any more how
 * it ends.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  work.catch(() => undefined);
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(signal.reason);
  if (signal.aborted) stop();
  const stopWaiting = onAbort(signal, stop);
  try {
    return await Promise.race([aborted.promise, work]);
  } finally {
    stopWaiting();
  }
}
