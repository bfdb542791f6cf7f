import type { WriteListener } from "./delivery.ts";

/** Whether a message has been written, known beside another listener, who is told first. */
export class WriteWatch implements WriteListener {
  readonly #listener: WriteListener | undefined;
  readonly #written = Promise.withResolvers<void>();
  #isWritten = false;

  constructor(listener: WriteListener | undefined) {
    this.#listener = listener;
  }

  get isWritten(): boolean {
    return this.#isWritten;
  }

  /** Resolves once it is written, if ever. */
  get written(): Promise<void> {
    return this.#written.promise;
  }

  onWrite(): void {
    this.#listener?.onWrite();
    this.#isWritten = true;
    this.#written.resolve();
  }
}
