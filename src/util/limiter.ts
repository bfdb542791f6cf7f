interface Waiting {
  readonly whose: string;
  readonly go: () => void;
}

/**
 * Lets at most so many tasks run at once; the others wait their turn, first come first served. Where one may not take all of
 * it, those behind who may come first.
 */
export class Limiter {
  readonly #most: number;
  readonly #maxWaiting: number;
  readonly #mostOfOne: number;
  /** Whose tasks run. */
  readonly #running: string[] = [];
  #waiting: Waiting[] = [];

  /**
   * @param most how many may run at once
   * @param maxWaiting how many more may wait
   * @param mostOfOne how many of one and the same may run at once
   */
  constructor(most: number, maxWaiting: number, mostOfOne = most) {
    this.#most = most;
    this.#maxWaiting = maxWaiting;
    this.#mostOfOne = mostOfOne;
  }

  /**
   * Runs `task` when its turn comes.
   * @param full makes the error for a task that may not even wait
   * @param whose it is
   */
  async run<T>(task: () => Promise<T>, full: () => Error, whose = ""): Promise<T> {
    if (this.#mayRun(whose)) {
      this.#running.push(whose);
    } else {
      if (this.#waiting.length >= this.#maxWaiting) throw full();
      await new Promise<void>((go) => this.#waiting.push({ whose, go }));
    }
    try {
      return await task();
    } finally {
      this.#running.splice(this.#running.indexOf(whose), 1);
      this.#next();
    }
  }

  #mayRun(whose: string): boolean {
    const isFree = this.#running.length < this.#most;
    if (!isFree || this.#mostOfOne >= this.#most) return isFree;
    return this.#running.filter((one) => one === whose).length < this.#mostOfOne;
  }

  #next(): void {
    const at = this.#waiting.findIndex(({ whose }) => this.#mayRun(whose));
    const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (next === undefined) return;
    // Its place is taken before anybody else can take it.
    this.#running.push(next.whose);
    next.go();
  }
}
