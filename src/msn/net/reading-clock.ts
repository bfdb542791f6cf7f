import type { Clock, Timer } from "../../util/clock.ts";

/** How far reading has come. */
export interface ReadingProgress {
  /** Whether something has come that waits to be read. */
  readonly isBehind: boolean;
  /** How many bytes have come. */
  readonly bytes: number;
}

// A timer that runs so much later than it should was held up by the loop.
const LATE_MS = 1000;
// More than the buffers of both systems hold: what came before a time was up is among so many bytes.
const MOST_UNREAD = 16 * 1024 * 1024;

/**
 * Time that stands still while nothing is read, for whatever waits to hear something.
 *
 * The problem: an answer that we have not read yet is not late. We stop reading of our own accord, the loop may be held up,
 * and the machine may sleep; none of that says anything of the other side.
 *
 * So timers stop while reading is held. When the time is up, what has come by then is read first: until a whole turn of the
 * loop has brought nothing, or, from a peer who never stops, until more was read than any buffers hold. A timer that was
 * held up itself waits once more for as long as that.
 */
export class ReadingClock implements Clock {
  readonly #clock: Clock;
  readonly #progress: ReadingProgress;
  readonly #timers = new Set<ReadingTimer>();
  /** For how long reading was held in all, in milliseconds. */
  #heldMs = 0;
  #heldSince: number | undefined;

  constructor(clock: Clock, progress: ReadingProgress) {
    this.#clock = clock;
    this.#progress = progress;
  }

  /** In milliseconds; only differences mean anything. */
  now(): number {
    return (this.#heldSince ?? this.#clock.now()) - this.#heldMs;
  }

  after(ms: number, run: () => void): Timer {
    const ended = (): void => void this.#timers.delete(timer);
    const timer = new ReadingTimer(this.#clock, this.#progress, { ms, run, ended });
    this.#timers.add(timer);
    if (this.#heldSince === undefined) timer.start();
    return timer;
  }

  /** Nothing is read from now on. */
  hold(): void {
    if (this.#heldSince !== undefined) return;
    this.#heldSince = this.#clock.now();
    for (const timer of this.#timers) timer.hold();
  }

  /** Something is read again. */
  goOn(): void {
    if (this.#heldSince === undefined) return;
    this.#heldMs += this.#clock.now() - this.#heldSince;
    this.#heldSince = undefined;
    for (const timer of this.#timers) timer.start();
  }
}

interface Alarm {
  readonly ms: number;
  run(): void;
  /** It has run, or was cancelled. */
  ended(): void;
}

class ReadingTimer implements Timer {
  readonly #clock: Clock;
  readonly #progress: ReadingProgress;
  readonly #alarm: Alarm;
  #left: number;
  #startedAt = 0;
  /** Ends the waiting that is under way. */
  #stop: (() => void) | undefined;
  #isExtended = false;

  constructor(clock: Clock, progress: ReadingProgress, alarm: Alarm) {
    this.#clock = clock;
    this.#progress = progress;
    this.#alarm = alarm;
    this.#left = alarm.ms;
  }

  start(): void {
    this.#startedAt = this.#clock.now();
    const timer = this.#clock.after(this.#left, () => this.#expire());
    this.#stop = () => timer.cancel();
  }

  hold(): void {
    this.#stop?.();
    this.#left = Math.max(0, this.#left - (this.#clock.now() - this.#startedAt));
  }

  cancel(): void {
    this.#stop?.();
    this.#alarm.ended();
  }

  #expire(): void {
    const lateness = this.#clock.now() - this.#startedAt - this.#left;
    this.#left = 0;
    if (lateness <= LATE_MS || this.#isExtended) return this.#nextTurn(() => this.#look(this.#progress.bytes));
    this.#isExtended = true;
    this.#left = Math.min(this.#alarm.ms, lateness);
    this.start();
  }

  /** @param atEnd how many bytes had come when the time was up */
  #look(atEnd: number): void {
    const { bytes, isBehind } = this.#progress;
    // From here to there the loop has asked the system once for what has come.
    this.#nextTurn(() => {
      const isQuiet = !isBehind && !this.#progress.isBehind && this.#progress.bytes === bytes;
      if (!isQuiet && bytes - atEnd < MOST_UNREAD) return this.#look(atEnd);
      this.#alarm.ended();
      this.#alarm.run();
    });
  }

  #nextTurn(run: () => void): void {
    const turn = setImmediate(run);
    this.#stop = () => clearImmediate(turn);
  }
}
