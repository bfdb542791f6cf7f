/** A task was refused because the queue already holds as many as it may. */
class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

/**
 * Runs tasks one after the other, in the order they were added. A task that fails does not stop the next one.
 * This is what keeps the order inside one portal or one conversation while others go on.
 */
export class SerialQueue {
  readonly #limit: number;
  readonly #full: () => Error;
  #tail: Promise<unknown> = Promise.resolve();
  #size = 0;

  /**
   * @param limit the most tasks that may wait or run at the same time
   * @param full what is thrown at those who add more
   */
  constructor(limit: number, full: () => Error = () => new QueueFullError(`more than ${limit} tasks are waiting`)) {
    this.#limit = limit;
    this.#full = full;
  }

  /** How many tasks wait or run. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a task; the promise settles as the task does.
   * @throws QueueFullError, or what the queue was made with (as a rejection), when the queue is full
   */
  async add<T>(task: () => Promise<T>): Promise<T> {
    if (this.#size >= this.#limit) throw this.#full();
    this.#size += 1;
    const result = this.#tail.then(task);
    this.#tail = result.then(
      () => this.#settle(),
      () => this.#settle(),
    );
    return result;
  }

  /** Resolves once everything added so far has ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  #settle(): void {
    this.#size -= 1;
  }
}
