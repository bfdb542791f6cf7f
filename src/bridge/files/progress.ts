import type { Clock, Timer } from "../../util/clock.ts";
import { CANCEL_KEY, moving } from "../words/files.ts";
import type { EditableNotice } from "./editable-notice.ts";

/** What is said of a transfer while it lasts. */
interface ProgressWords {
  /** As long as no byte has arrived. */
  readonly waiting: string;
  /** What the line with the numbers begins with. */
  readonly doing: string;
  /** The size of the file in bytes. */
  readonly size: number;
}

const EVERY_MS = 10_000;

/** Says every ten seconds how far a transfer is; a short transfer gets no notice. */
export class Progress {
  readonly #clock: Clock;
  readonly #notice: Pick<EditableNotice, "say">;
  readonly #transfer: { readonly bytes: number };
  readonly #words: ProgressWords;
  readonly #startedAt: number;
  #timer: Timer;
  #bytes = 0;
  #saidAt: number;

  /** @param transfer knows how many bytes have arrived */
  constructor(
    clock: Clock,
    notice: Pick<EditableNotice, "say">,
    transfer: { readonly bytes: number },
    words: ProgressWords,
  ) {
    this.#clock = clock;
    this.#notice = notice;
    this.#transfer = transfer;
    this.#words = words;
    this.#startedAt = clock.now();
    this.#saidAt = this.#startedAt;
    this.#timer = clock.after(EVERY_MS, () => this.#say());
  }

  /** How long it took until now, in milliseconds. */
  get tookMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  stop(): void {
    this.#timer.cancel();
  }

  #say(): void {
    const { waiting, doing, size } = this.#words;
    const [now, done] = [this.#clock.now(), this.#transfer.bytes];
    const perSecond = ((done - this.#bytes) * 1000) / Math.max(1, now - this.#saidAt);
    this.#notice.say(done === 0 ? waiting : moving(doing, { done, size, perSecond }), [CANCEL_KEY]);
    this.#bytes = done;
    this.#saidAt = now;
    this.#timer = this.#clock.after(EVERY_MS, () => this.#say());
  }
}
