import type { PortalMessage } from "../../convert/to-matrix.ts";
import { isDiskError } from "../../store/errors.ts";
import type { Store } from "../../store/store.ts";

/** Writes a message down, as a part of a commit. */
export interface MessageKeeper {
  /** @throws what the disk throws */
  keep(message: PortalMessage): void;
}

interface Heard {
  readonly message: PortalMessage;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What contacts say to a portal until it is on disk: all that comes in one turn of the loop is one work of its commit. What
 * the disk does not take fails together with all that was said after it, so that none overtakes another; what cannot be
 * written for another reason fails alone.
 */
export class HeardMessages {
  readonly #store: Pick<Store, "commit">;
  readonly #keeper: MessageKeeper;
  #waiting: Heard[] = [];
  #writing: Promise<void> | undefined;

  constructor(store: Pick<Store, "commit">, keeper: MessageKeeper) {
    this.#store = store;
    this.#keeper = keeper;
  }

  /** Resolves once the message is on disk. @throws what the disk throws */
  async add(message: PortalMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ message, resolve, reject });
    this.#writing ??= this.#writeAll();
    return promise;
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      try {
        // All that waits when the work is done, which is later than now, and may be more than once.
        const written = await this.#store.commit(() => this.#keep(this.#waiting));
        for (const { resolve } of this.#waiting.splice(0, written)) resolve();
      } catch (error) {
        if (isDiskError(error)) for (const { reject } of this.#waiting.splice(0)) reject(error);
        else await this.#writeFirst();
      }
    }
    // In the same turn in which the loop saw that there was nothing more: what is heard later starts it again.
    this.#writing = undefined;
  }

  async #writeFirst(): Promise<void> {
    const first = this.#waiting.slice(0, 1);
    try {
      await this.#store.commit(() => this.#keep(first));
      this.#waiting.shift();
      for (const { resolve } of first) resolve();
    } catch (error) {
      // Where it is the disk, it is for the next work to fail by it.
      if (isDiskError(error)) return;
      this.#waiting.shift();
      for (const { reject } of first) reject(error);
    }
  }

  #keep(heard: readonly Heard[]): number {
    for (const { message } of heard) this.#keeper.keep(message);
    return heard.length;
  }
}
