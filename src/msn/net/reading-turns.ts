/** Somebody who reads a share of what has come in each turn of the loop. */
export interface TurnTaker {
  /**
   * Reads on, up to the share of a turn.
   * @param turn the number of the turn
   * @returns whether it has to go on in the next one
   */
  readOn(turn: number): boolean;
}

/** How much is read. */
export interface ReadingShare {
  /** Of one connection in one turn. */
  readonly commands: number;
  readonly bytes: number;
  /** Of all connections in one turn, in milliseconds, at the least: everything else that the loop does waits for as long. */
  readonly ms: number;
}

// A socket gives 64 KiB at once.
const SHARE: ReadingShare = { commands: 32, bytes: 64 * 1024, ms: 4 };
// Where all else takes long, because the disk is slow or the machine is busy, reading takes so much of that. With a fixed time
// it would all but stand still then: what has come waits in memory, and is lost if the process is killed.
const OF_THE_REST = 1 / 2;
// But no more than so many milliseconds of the processor, since what is read makes work in turn. Not of the clock: on a busy
// machine the processor is elsewhere for most of the time.
const MOST_CPU_MS = 50;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Shares the turns of the loop among the connections from which something is read, so that nobody waits for what somebody
 * else is flooded with.
 *
 * The problem: what comes is handled as it is read, down to the journal. Whoever has much to say, a contact who floods or a
 * server with long lists, would keep the loop for as long as that takes, and everybody else waits.
 *
 * ```
 *   something comes ─ its share and the turn are not used up ─► read at once
 *                   └ otherwise ─► its stream pauses, and it queues ─ the next turn ─► read, in the order of the queue
 * ```
 *
 * Who has read a share goes to the end of the queue, and behind those who have not, so that a word of one who says little
 * waits for none of the floods; but one of the queue is read in every turn. What one of them is sent stays in order. Many
 * clients share one of these.
 */
export class ReadingTurns {
  readonly share: ReadingShare;
  readonly #nextTurn: (run: () => void) => void;
  readonly #now: () => number;
  readonly #cpu: () => number;
  /** Who had a share and has more to read. */
  readonly #queue = new Set<TurnTaker>();
  /** Who had nothing to read before, and found the turn used up. */
  readonly #fresh = new Set<TurnTaker>();
  #turn = 0;
  /** How long was read in this turn, in milliseconds, and since when one reads just now. */
  #spent = 0;
  #since = 0;
  /** The same by the processor. */
  #cpuSpent = 0;
  #cpuSince = 0;
  /** How long may be read in this turn, in milliseconds. */
  #most: number;
  #isScheduled = false;
  #scheduledAt = 0;

  /** The functions are the loop's and the process's own if not given; tests hand in theirs. */
  constructor(
    share: Partial<ReadingShare> = {},
    nextTurn: (run: () => void) => void = setImmediate,
    now: () => number = () => performance.now(),
    cpu = cpuMs,
  ) {
    this.share = { ...SHARE, ...share };
    this.#most = this.share.ms;
    this.#nextTurn = nextTurn;
    this.#now = now;
    this.#cpu = cpu;
  }

  /** How many wait for the next turn. */
  get waiting(): number {
    return this.#queue.size + this.#fresh.size;
  }

  /** Whether the time of this turn is over. For who reads just now. */
  get isOver(): boolean {
    const isLate = this.#spent + this.#now() - this.#since >= this.#most;
    return isLate || this.#cpuSpent + this.#cpu() - this.#cpuSince >= MOST_CPU_MS;
  }

  /** Something can be read: it is, now if this turn allows, otherwise in one of the next. */
  ready(taker: TurnTaker): void {
    if (this.#queue.has(taker)) return;
    this.#schedule();
    if (this.#isUsedUp()) this.#fresh.add(taker);
    else if (!this.#fresh.has(taker)) this.#give(taker);
  }

  /** It has nothing more to read. */
  leave(taker: TurnTaker): void {
    this.#queue.delete(taker);
    this.#fresh.delete(taker);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#scheduledAt = this.#now();
    this.#nextTurn(() => this.#begin());
  }

  #begin(): void {
    this.#isScheduled = false;
    this.#turn += 1;
    // Once something is scheduled the loop does not rest, so that this is what it has done.
    const rest = this.#now() - this.#scheduledAt - this.#spent;
    this.#most = Math.max(this.share.ms, rest * OF_THE_REST);
    this.#spent = 0;
    this.#cpuSpent = 0;
    if (this.waiting === 0) return;
    this.#schedule();
    // Those who have their share now come again at the end.
    let left = this.#queue.size;
    this.#giveAll(this.#fresh);
    for (const taker of this.#queue) {
      if (left === 0) return;
      left -= 1;
      this.#queue.delete(taker);
      this.#give(taker);
      if (this.#isUsedUp()) return;
    }
  }

  #giveAll(takers: Set<TurnTaker>): void {
    for (const taker of takers) {
      if (this.#isUsedUp()) return;
      takers.delete(taker);
      this.#give(taker);
    }
  }

  #give(taker: TurnTaker): void {
    this.#since = this.#now();
    this.#cpuSince = this.#cpu();
    if (taker.readOn(this.#turn)) this.#queue.add(taker);
    this.#spent += this.#now() - this.#since;
    this.#cpuSpent += this.#cpu() - this.#cpuSince;
  }

  #isUsedUp(): boolean {
    return this.#spent >= this.#most || this.#cpuSpent >= MOST_CPU_MS;
  }
}
