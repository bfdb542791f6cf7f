import type { Store } from "../store/store.ts";
import type { Calendar } from "../util/calendar.ts";
import type { Clock, Timer } from "../util/clock.ts";
import type { Log } from "../util/log.ts";

const DAY_MS = 24 * 60 * 60_000;
// Of running. An event that comes again after this long would be new again; homeservers give up far earlier.
const JOURNAL_MS = 30 * DAY_MS;
// After a crash people are told from when on the bridge was away, to the minute.
const HEARTBEAT_MS = 20_000;
// What is written into a file that has been deleted is lost, so this is how much may be.
const LOOK_MS = 5000;
// Between the slices of a sweep, so that those who chat do not notice it.
const SLICE_MS = 20;
// After a backup was in the way.
const WIPE_MS = 60_000;

/**
 * What has to be done every now and then while the bridge runs. What fails, most likely because the disk is full, is
 * logged and tried again at its next turn.
 */
export class Maintenance {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #calendar: Calendar;
  readonly #log: Log;
  readonly #timers = new Map<number, Timer>();
  #sweeping: Timer | undefined;

  constructor(store: Store, { clock, calendar }: { clock: Clock; calendar: Calendar }, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#calendar = calendar;
    this.#log = log;
    this.#every(LOOK_MS, () => store.disk.look());
    this.#every(HEARTBEAT_MS, () => this.#isAlive());
    this.#every(DAY_MS, () => this.#tidy());
  }

  /** Ends it. @param isProper whether the bridge ends properly; otherwise the next run tells people what may be missing */
  stop(isProper = true): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#sweeping?.cancel();
    if (isProper) this.#store.batch(() => this.#store.run.end());
    else this.#isAlive();
  }

  #isAlive(): void {
    this.#store.batch(() => this.#store.run.alive(this.#calendar.now()));
  }

  #tidy(): void {
    const { publicLinks, journalAges } = this.#store;
    this.#store.batch(() => publicLinks.sweep());
    this.#sweep(journalAges.newestOf(JOURNAL_MS));
  }

  /** Deletes old rows, slice by slice. */
  #sweep(upTo: number, after = 0, swept = 0): void {
    const { rows, last } = this.#store.journal.sweep({ olderThanMs: JOURNAL_MS, upTo }, after);
    const all = swept + rows;
    if (last !== undefined) {
      this.#later(SLICE_MS, () => this.#sweep(upTo, last, all));
      return;
    }
    this.#log.debug({ rows: all }, "removed old rows from the journal");
    this.#wipe();
  }

  #wipe(): void {
    if (!this.#store.wipe()) this.#later(WIPE_MS, () => this.#wipe());
  }

  #later(ms: number, work: () => void): void {
    this.#sweeping?.cancel();
    this.#sweeping = this.#clock.after(ms, () => this.#try(work));
  }

  #every(ms: number, work: () => void): void {
    this.#try(work);
    this.#timers.set(
      ms,
      this.#clock.after(ms, () => this.#every(ms, work)),
    );
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#log.error({ error }, "the regular upkeep failed; it is tried again at its next turn");
    }
  }
}
