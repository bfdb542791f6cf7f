import { isDiskError } from "../../store/errors.ts";
import { Backoff } from "../../util/backoff.ts";
import { sleep } from "../../util/clock.ts";
import { Drain, type Drained } from "../../util/drain.ts";
import { DISK_WAIT_MS, HOMESERVER_WAITS, isAway, waitAfter, type WaitScope } from "./retry.ts";

/** Something that waits, usually on disk, to be done one after the other. */
export interface Job<Item> {
  /** What it is, for the log. */
  readonly name: string;
  /** What has to be done next; undefined: nothing now. */
  next(): Item | undefined;
  /**
   * Does it, after which `next` gives something else; where it does not, it is done once more.
   * @param failures how many tries have failed since something was done
   * @throws MatrixError, or what the disk throws, to be called again
   */
  work(item: Item, failures: number): Promise<void>;
  /**
   * Settles what cannot be done; what this throws is taken for a disk that is away.
   * @returns whether it is to be tried again later all the same
   */
  giveUp(item: Item, error: unknown): boolean;
}

/** How long something is tried while the homeserver is away. */
export interface Patience {
  /** After how many failures in a row it is given up; never if not given. */
  readonly tries?: number;
  /** The longest wait between two tries, in milliseconds. */
  readonly mostMs?: number;
}

/**
 * Works off what waits, in order and one at a time:
 *
 * | `work` ends with                     | then                                                |
 * | ------------------------------------ | --------------------------------------------------- |
 * | nothing thrown                       | the next one                                        |
 * | a homeserver that is away            | it waits, longer each time, and tries it again      |
 * | the same for the last of the `tries` | `giveUp`, then the next one                         |
 * | a disk that does not take it         | it rests for ten seconds, then asks what is next    |
 * | any other error                      | `giveUp`, then the next one                         |
 * | any error once the bridge stops      | what waits stays as it is, for the next run         |
 *
 * Nothing is skipped and nothing is done out of order. What must not be done twice is for `work` to see to.
 */
export class JournalWorker<Item> implements Drained {
  readonly #scope: WaitScope;
  readonly #job: Job<Item>;
  readonly #tries: number;
  readonly #drain = new Drain(this);
  readonly #backoff: Backoff;
  #failures = 0;

  constructor(
    scope: WaitScope,
    job: Job<Item>,
    { tries = Number.POSITIVE_INFINITY, mostMs = HOMESERVER_WAITS.most }: Patience = {},
  ) {
    this.#scope = scope;
    this.#job = job;
    this.#tries = tries;
    this.#backoff = new Backoff({ ...HOMESERVER_WAITS, most: mostMs });
  }

  /** There may be something to do. */
  wake(): void {
    this.#drain.wake();
  }

  /** Begins nothing more; resolves once what is under way has ended. To be called when the signal has been aborted. */
  async stop(): Promise<void> {
    await this.#drain.stop();
  }

  onError(error: unknown): void {
    this.#scope.log.fatal({ error }, `${this.#job.name}: resting until there is more`);
  }

  async step(): Promise<boolean> {
    const { signal } = this.#scope;
    try {
      const item = this.#job.next();
      if (item === undefined) return false;
      await this.#try(item);
    } catch (error) {
      await this.#wait(error, DISK_WAIT_MS);
    }
    return !signal.aborted;
  }

  async #try(item: Item): Promise<void> {
    const { log, signal } = this.#scope;
    try {
      await this.#job.work(item, this.#failures);
    } catch (error) {
      if (signal.aborted) return log.debug({ error }, `${this.#job.name}: left for the next run`);
      this.#failures += 1;
      const isKept = isAway(error) && (isDiskError(error) || this.#failures < this.#tries);
      if (isKept || this.#job.giveUp(item, error)) return this.#wait(error, waitAfter(error, this.#backoff));
    }
    this.#failures = 0;
    this.#backoff.reset();
  }

  async #wait(error: unknown, delay: number): Promise<void> {
    const { clock, log, signal } = this.#scope;
    log[isDiskError(error) ? "error" : "warn"]({ error, delay }, `${this.#job.name}: waiting to try again`);
    await sleep(clock, delay, signal);
  }
}
