import type { ServerReason } from "../base/errors.ts";
import type { Command } from "../wire/command.ts";

/** A command that the notification server answers, and what its answer says. */
export interface ServerRequest<T = void> {
  readonly name: string;
  readonly args: readonly string[];
  readonly payload?: Buffer;
  /** The names of the commands that answer it; its own name if not given. */
  readonly answers?: readonly string[];
  /** The reasons for a refusal that say that what is asked for is so already. */
  readonly settledBy?: readonly ServerReason[];
  /** @throws MsnError `protocol` when the answer cannot be understood */
  read(answer: Command): T;
}
