import { onAbort } from "./on-abort.ts";

/** A running timer; cancelling it twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * Time for whatever waits, lasts or grows old. It only goes forward, at an even pace, and stands still while the machine
 * sleeps. Dates are another thing (`util/calendar`), and of another type, so that neither is taken for the other. Tests hand
 * in a fake one, so nothing else may call `Date.now` or `setTimeout`.
 */
export interface Clock {
  /** Milliseconds since some moment or other: only differences mean anything, and only within this process. */
  now(): number;
  /** Runs `run` once after `ms` milliseconds. The timer keeps the process alive until it ran or was cancelled. */
  after(ms: number, run: () => void): Timer;
}

/** What a machine tells of time. */
export interface TimeSource extends Clock {
  /** Milliseconds since the epoch. It is set, forward and back, at any moment: for `Calendar` alone. */
  epochMs(): number;
}

// CLOCK_MONOTONIC on Linux. Nobody can set it, and it does not count the time for which the machine was suspended, as
// timers do not: after that what was waited for still has the time that it had left.
export const systemClock: TimeSource = {
  now: () => Math.floor(performance.now()),
  epochMs: () => Date.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Runs `run` after `ms` milliseconds of real time if the process is still alive then; does not keep it alive. */
export function ifAlive(ms: number, run: () => void): void {
  setTimeout(run, ms).unref();
}

/**
 * Settles as `work` does, or rejects with `late()` after `ms` milliseconds. `work` itself goes on; its caller
 * still has to end it.
 */
export async function withTimeout<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  const expired = Promise.withResolvers<never>();
  const timer = clock.after(ms, () => expired.reject(late()));
  try {
    return await Promise.race([work, expired.promise]);
  } finally {
    timer.cancel();
  }
}

/** Waits `ms` milliseconds; ends early, without an error, when `signal` is aborted. */
export async function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  const done = Promise.withResolvers<void>();
  const timer = clock.after(ms, done.resolve);
  const stopWaiting = signal && onAbort(signal, done.resolve);
  await done.promise;
  timer.cancel();
  stopWaiting?.();
}

const NO_TIMER: Timer = { cancel: () => undefined };

/** Runs `run` after `ms` milliseconds, unless `signal` is aborted before; a timer never outlives the signal. */
export function later(clock: Clock, ms: number, signal: AbortSignal, run: () => void): Timer {
  if (signal.aborted) return NO_TIMER;
  const timer = clock.after(ms, () => {
    stopWaiting();
    run();
  });
  const stopWaiting = onAbort(signal, () => timer.cancel());
  return {
    cancel: () => {
      timer.cancel();
      stopWaiting();
    },
  };
}
