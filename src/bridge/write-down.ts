import type { Store } from "../store/store.ts";
import { later, type Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";

export interface WriteDownOptions {
  readonly store: Pick<Store, "batch">;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 10_000;

/** Writes down in one commit how something ended, again later if the disk does not take it now. */
export function writeDown(options: WriteDownOptions, work: () => void): void {
  const { store, clock, log, signal } = options;
  try {
    store.batch(work);
  } catch (error) {
    log.fatal({ error }, "The bridge cannot write to its database, so that what it has done is not noted yet.");
    later(clock, RETRY_MS, signal, () => writeDown(options, work));
  }
}
