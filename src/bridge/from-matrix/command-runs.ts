import { mayReplace } from "../../convert/event-edits.ts";
import { isDiskError } from "../../store/errors.ts";
import { commitWithRetry } from "../base/commit.ts";
import { retry } from "../base/retry.ts";
import { nextTurn } from "../../util/next-turn.ts";
import type { CommandRequest, CommandRunner } from "./command-request.ts";
import type { Arrival, Task } from "./routing.ts";
import type { InboundScope } from "./scope.ts";

const BROKEN = "Something in this bridge broke while it worked on your command. Tell whoever runs it.";
const DISK_WAS_FULL =
  "The disk of this bridge was full while it worked on your command, so perhaps not all of it was done. Say it again.";
// How often the homeserver is asked what an edited command was before.
const TRIES = 8;

/** The commands that are being run. Each is a row of the journal, and none is run twice. */
export class CommandRuns {
  readonly #scope: InboundScope;
  readonly #commands: CommandRunner;
  readonly #running = new Set<Promise<void>>();

  constructor(scope: InboundScope, commands: CommandRunner) {
    this.#scope = scope;
    this.#commands = commands;
  }

  /**
   * Notes that a command is begun.
   *
   * Commands begin in the order in which they come; what waits for what is for them to decide, since some of them, like
   * `cancel`, must not wait.
   */
  prepare(arrival: Arrival, said: Pick<CommandRequest, "text" | "isChosen" | "room">): Task {
    const { store, clock } = this.#scope;
    const { rowId, event, isInterrupted } = arrival;
    // A command that was running when the process died is never run again.
    if (!isInterrupted) store.journal.markSending(rowId);
    return { type: "command", arrival, request: { ...said, sender: event.sender, now: clock.now(), isInterrupted } };
  }

  begin(arrival: Arrival, request: CommandRequest): void {
    const running = this.#run(arrival, request).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(arrival: Arrival, request: CommandRequest): Promise<void> {
    const { store, log, signal } = this.#scope;
    const { isInterrupted, room, sender } = request;
    let [answer, isMeant]: [string | undefined, boolean] = [undefined, true];
    // The homeserver need not wait for it.
    await nextTurn();
    try {
      isMeant = await this.#isMeant(arrival, request);
      if (isMeant) await this.#commands.run(request);
    } catch (error) {
      if (signal.aborted) return;
      log.error({ error, sender }, "a command broke");
      answer = isDiskError(error) ? DISK_WAS_FULL : BROKEN;
    }
    commitWithRetry(this.#scope, () => {
      if (answer !== undefined) room.say(answer);
      if (isMeant) store.journal.settle(arrival.rowId, isInterrupted ? "uncertain" : "delivered");
      else store.journal.settle(arrival.rowId, "skipped", "not an edit");
    });
  }

  // People correct their typing by an edit. One of what another user has said is none (Matrix spec, "Validity of
  // replacement events"), and what it is of would be removed with it. What was a secret may have been removed already.
  async #isMeant({ event }: Arrival, { room }: CommandRequest): Promise<boolean> {
    if (event.kind !== "edit") return true;
    const { clock, signal } = this.#scope;
    const original = await retry(() => room.event(event.target), { clock, signal, tries: TRIES });
    return original !== undefined && mayReplace(event, original);
  }
}
