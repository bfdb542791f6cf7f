/** Whose steps a drain does. */
export interface Drained {
  /** Does the next thing; false: there was none. */
  step(): Promise<boolean>;
  /** A step threw; the drain then rests until it is woken again, which is for this to see to. */
  onError(error: unknown): void;
}

/**
 * Does one step after the other for as long as there is something to do, never two at once. What is to be done is kept
 * elsewhere, on disk for instance, so that a long queue costs no memory here.
 */
export class Drain {
  readonly #owner: Drained;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(owner: Drained) {
    this.#owner = owner;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** Starts no further step; resolves once the one that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // The first step waits a turn, so that the caller of `wake` is never interrupted by it.
    await Promise.resolve();
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        if (await this.#owner.step()) this.#again = true;
      } catch (error) {
        this.#owner.onError(error);
      }
    }
    // In the same turn in which the loop saw that there was nothing more: a later `wake` starts it again.
    this.#running = undefined;
  }
}
