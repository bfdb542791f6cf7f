/** Lets at most so many tasks run at once; the others wait their turn, first come first served. */
export class Limiter {
  readonly #most: number;
  readonly #maxWaiting: number;
  #running = 0;
  #waiting: (() => void)[] = [];

  /**
   * @param most how many may run at once
   * @param maxWaiting how many more may wait
   */
  constructor(most: number, maxWaiting: number) {
    this.#most = most;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Runs `task` when its turn comes.
   * @param full makes the error for a task that may not even wait
   */
  async run<T>(task: () => Promise<T>, full: () => Error): Promise<T> {
    if (this.#running < this.#most) {
      this.#running += 1;
    } else {
      if (this.#waiting.length >= this.#maxWaiting) throw full();
      // A task that ends hands its place over, so `#running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
