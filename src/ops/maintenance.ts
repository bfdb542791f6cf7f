import type { Store } from "../store/store.ts";
import type { Clock, Timer } from "../util/clock.ts";
import type { Log } from "../util/log.ts";

const DAY_MS = 24 * 60 * 60_000;
// An event that comes again after this long would be new again; homeservers give up far earlier.
const JOURNAL_MS = 30 * DAY_MS;
// After a crash people are told from when on the bridge was away, to the minute.
const HEARTBEAT_MS = 20_000;

/**
 * What has to be done every now and then while the bridge runs. What fails, most likely because the disk is full, is
 * logged and tried again at its next turn.
 */
export class Maintenance {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timers = new Map<number, Timer>();

  constructor(store: Store, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#every(HEARTBEAT_MS, () => store.run.alive(clock.now()));
    this.#every(DAY_MS, () =>
      log.debug({ rows: store.journal.sweep(JOURNAL_MS) }, "removed old rows from the journal"),
    );
  }

  /** Ends it. @param isProper whether the bridge ends properly; otherwise the next run tells people what may be missing */
  stop(isProper = true): void {
    for (const timer of this.#timers.values()) timer.cancel();
    if (isProper) this.#store.run.end();
    else this.#store.run.alive(this.#clock.now());
  }

  #every(ms: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#log.error({ error }, "the regular upkeep failed; it is tried again at its next turn");
    }
    this.#timers.set(
      ms,
      this.#clock.after(ms, () => this.#every(ms, work)),
    );
  }
}
