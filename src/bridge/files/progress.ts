import type { Clock, Timer } from "../../util/clock.ts";
import type { EditableNotice } from "./editable-notice.ts";
import { CANCEL_KEY, moving } from "../words/files.ts";

export interface ProgressOptions {
  readonly notice: Pick<EditableNotice, "say">;
  /** What is said as long as nothing has gone over. */
  readonly waiting: string;
  /** What the line about a file that goes over begins with. */
  readonly doing: string;
  /** Bytes. */
  readonly size: number;
  /** How many bytes have gone over. */
  readonly bytes: () => number;
  readonly clock: Clock;
}

const EVERY_MS = 10_000;

/** Tells how far a file has come, every ten seconds; a short transfer is no news. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #startedAt: number;
  #timer: Timer;
  #bytes = 0;
  #toldAt: number;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#toldAt = this.#startedAt;
    this.#timer = options.clock.after(EVERY_MS, () => this.#tell());
  }

  /** How long it took until now, in milliseconds. */
  get tookMs(): number {
    return this.#options.clock.now() - this.#startedAt;
  }

  stop(): void {
    this.#timer.cancel();
  }

  #tell(): void {
    const { notice, waiting, doing, size, bytes, clock } = this.#options;
    const [now, done] = [clock.now(), bytes()];
    const perSecond = ((done - this.#bytes) * 1000) / Math.max(1, now - this.#toldAt);
    notice.say(done === 0 ? waiting : moving(doing, { done, size, perSecond }), [CANCEL_KEY]);
    this.#bytes = done;
    this.#toldAt = now;
    this.#timer = clock.after(EVERY_MS, () => this.#tell());
  }
}
