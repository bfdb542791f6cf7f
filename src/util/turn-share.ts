/**
 * What one stream may bring in a turn of the loop. The system gives a socket's reader two megabytes in a turn if it can, and
 * with ten files at once everything else would wait for all of them.
 */
export class TurnShare {
  readonly #most: number;
  readonly #onNextTurn: () => void;
  #taken = 0;
  #isOver = false;

  /**
   * @param most how many bytes
   * @param onNextTurn called when a share was used up, and the next one begins
   */
  constructor(most: number, onNextTurn: () => void) {
    this.#most = most;
    this.#onNextTurn = onNextTurn;
  }

  /** Whether nothing more is to be taken in this turn. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** So many bytes were taken. */
  take(bytes: number): void {
    if (this.#taken === 0) setImmediate(() => this.#renew());
    this.#taken += bytes;
    this.#isOver ||= this.#taken >= this.#most;
  }

  #renew(): void {
    const wasOver = this.#isOver;
    this.#taken = 0;
    this.#isOver = false;
    if (wasOver) this.#onNextTurn();
  }
}
