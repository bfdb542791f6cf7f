import type { Log } from "../../util/log.ts";
import type { ClientCommand } from "./wire.ts";

/** What a kind of connection does with one command. `least` and `most` count the arguments, transaction id included. */
interface CommandRule<S> {
  readonly least: number;
  readonly most: number;
  readonly run: (session: S, args: readonly string[], payload: Buffer) => void;
}

export type CommandTable<S> = Readonly<Record<string, CommandRule<S>>>;

interface Complaining {
  /** Answers with an error where the servers do; others are silent (docs/msnp.md 8.1(2)). */
  complain(code: number, transaction: string | undefined): void;
}

export function isTransaction(word: string | undefined): word is string {
  return /^\d{1,10}$/u.test(word ?? "");
}

/** Runs a command. Unknown ones, those with too few or too many arguments and those that fail are complained of. */
export function runCommand<S extends Complaining>(
  table: CommandTable<S>,
  session: S,
  command: ClientCommand,
  log: Log,
): void {
  const rule = Object.hasOwn(table, command.name) ? table[command.name] : undefined;
  const count = command.args.length;
  if (rule === undefined || count < rule.least || count > rule.most) {
    log.debug({ command: command.name, arguments: count }, "the sandbox does not know a command");
    session.complain(200, command.args[0]);
    return;
  }
  try {
    rule.run(session, command.args, command.payload ?? Buffer.alloc(0));
  } catch (error) {
    log.error({ command: command.name, error }, "the sandbox failed at a command");
    session.complain(500, command.args[0]);
  }
}
