import type { Store } from "../../store/store.ts";
import type { CommandRequest, CommandRunner } from "./command-request.ts";
import { commitWithRetry, type CommitOptions } from "../base/commit.ts";

export interface CommandRunsOptions extends CommitOptions {
  readonly store: Pick<Store, "batch" | "journal">;
  readonly commands: CommandRunner;
}

const BROKEN = "Something in this bridge broke while it worked on your command. Tell whoever runs it.";

/** The commands that are being run. Each is a row of the journal, and none is run twice. */
export class CommandRuns {
  readonly #options: CommandRunsOptions;
  readonly #running = new Set<Promise<void>>();

  constructor(options: CommandRunsOptions) {
    this.#options = options;
  }

  /**
   * Notes that a command is begun.
   * @returns begins it; to be called once that is on the disk
   */
  prepare(rowId: number, request: Omit<CommandRequest, "isInterrupted">): () => void {
    const { journal } = this.#options.store;
    // A command that was running when the process died is never run again.
    const isInterrupted = journal.get(rowId).state === "sending";
    if (!isInterrupted) journal.markSending(rowId);
    return () => {
      const running = this.#run(rowId, { ...request, isInterrupted }).finally(() => this.#running.delete(running));
      this.#running.add(running);
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(rowId: number, request: CommandRequest): Promise<void> {
    const { store, commands, log, signal } = this.#options;
    let answer: string | undefined;
    try {
      await commands.run(request);
    } catch (error) {
      if (signal.aborted) return;
      log.error({ error, sender: request.sender }, "a command broke");
      answer = BROKEN;
    }
    commitWithRetry(this.#options, () => {
      if (answer !== undefined) request.room.say(answer);
      store.journal.settle(rowId, request.isInterrupted ? "uncertain" : "delivered");
    });
  }
}
