import type { TimeSource } from "./clock.ts";

/** From a moment on, by how much dates are ahead of the clock. */
interface Setting {
  readonly from: number;
  readonly offset: number;
}

// Two readings of the machine are not taken at once, and neither is exact.
const NOISE_MS = 250;
// A machine whose date is set all the time must not fill the memory. The first setting stays.
const MOST_SETTINGS = 100;

/**
 * Dates, for people and for the disk.
 *
 * The problem: the machine's date is set while we run, by a network time server, by a person, or because the machine slept.
 * Compared with what it says now, a row of a second ago is then a day old, or of tomorrow.
 *
 * So nothing is ever decided by comparing two dates. What waits in this process is measured with the clock. A date from the
 * disk is turned into a moment of the clock first, with the setting that held when it was written; all dates that we write
 * are taken from here, so that every setting that matters has been seen. And what people read is turned back with the
 * setting that holds now, so that both ends of a span are told in the same one.
 *
 * What is left: a date of an earlier run is read with the first setting of this one. Nobody can know what happened to the
 * date in between, so nothing that cannot be undone may hang on it.
 */
export class Calendar {
  readonly #source: TimeSource;
  /** The one that held when we began, and at any time before as far as we know. */
  readonly #first: Setting;
  readonly #settings: Setting[];
  #now: Setting;

  constructor(source: TimeSource) {
    this.#source = source;
    this.#now = this.#first = { from: -Infinity, offset: source.epochMs() - source.now() };
    this.#settings = [this.#first];
  }

  /** Now, as the machine says. */
  now(): Date {
    return new Date(this.#source.now() + this.#look().offset);
  }

  /** When a moment of the clock was, or will be, as the machine says now. */
  dateOf(moment: number): Date {
    return new Date(moment + this.#look().offset);
  }

  /** The moment of the clock at which a date was written; ahead, for one of an earlier run that was ahead of this one. */
  momentOf(date: Date): number {
    this.#look();
    const ms = date.getTime();
    let end = this.#source.now();
    for (const { from, offset } of this.#settings.toReversed()) {
      const moment = ms - offset;
      if (moment >= from - NOISE_MS && moment <= end + NOISE_MS) return moment;
      end = from;
    }
    return ms - this.#first.offset;
  }

  /** How long ago a date was written, in milliseconds; not less than none. */
  ageOf(date: Date): number {
    return Math.max(0, this.#source.now() - this.momentOf(date));
  }

  /** Whether a date lies ahead, so that it was written when the machine's date was another. */
  isAhead(date: Date): boolean {
    return this.momentOf(date) > this.#source.now() + NOISE_MS;
  }

  /** The setting that holds now. */
  #look(): Setting {
    const now = this.#source.now();
    const offset = this.#source.epochMs() - now;
    if (Math.abs(offset - this.#now.offset) <= NOISE_MS) return this.#now;
    this.#now = { from: now, offset };
    this.#settings.push(this.#now);
    if (this.#settings.length > MOST_SETTINGS) this.#settings.splice(1, 1);
    return this.#now;
  }
}
