import type { Log } from "../util/log.ts";
import type { Command } from "./wire.ts";

/** What a kind of connection does with one command. `least` and `most` count the arguments, transaction id included. */
interface CommandRule<S> {
  readonly least: number;
  readonly most: number;
  readonly run: (session: S, args: readonly string[], payload: Buffer) => void;
}

export type CommandTable<S> = Readonly<Record<string, CommandRule<S>>>;

/**
 * Runs a command. Unknown ones, those with too few or too many arguments and those that fail are met with silence, as
 * on the servers people run (docs/msnp.md 8.1(2)).
 */
export function runCommand<S>(table: CommandTable<S>, session: S, command: Command, log: Log): void {
  const rule = Object.hasOwn(table, command.name) ? table[command.name] : undefined;
  const count = command.args.length;
  if (rule === undefined || count < rule.least || count > rule.most) {
    log.debug({ command: command.name, arguments: count }, "the sandbox ignores a command");
    return;
  }
  try {
    rule.run(session, command.args, command.payload ?? Buffer.alloc(0));
  } catch (error) {
    log.error({ command: command.name, error }, "the sandbox failed at a command");
  }
}
