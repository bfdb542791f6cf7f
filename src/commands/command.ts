import type { CommandContext } from "./context.ts";

/** What the bot wants to know before it can go on. */
export interface Question {
  readonly prompt: string;
  /**
   * `asked`: the answer is a password or a token, and whatever is said next is removed, even if the bridge was restarted
   * meanwhile. `later`: that will be asked next. Both are asked only where no other user reads.
   */
  readonly secret?: "asked" | "later";
  /**
   * What is a command if it is said next, and no answer; if not given, nothing is. `plain-commands`: nothing but the name
   * of a command, or the beginning of a login. `login`: only a login with all that belongs to it.
   */
  readonly yieldsTo?: "commands" | "plain-commands" | "login";
  /** Goes on with the answer. @throws UserError to ask the same again */
  readonly next: (context: CommandContext, answer: string) => Reply | Promise<Reply>;
}

/** What the bot says to a command: a sentence, lines in as many messages as they need, a question, or nothing. */
export type Reply = string | readonly string[] | Question | undefined;

export function isQuestion(reply: Reply): reply is Question {
  return typeof reply === "object" && "prompt" in reply;
}

/** The headings of `help`. */
export const COMMAND_GROUPS = ["General", "Accounts", "Contacts", "Chats", "Admin"] as const;
type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** What a command is called, and what `help` and the pages say of it. */
export interface CommandHelp {
  readonly name: string;
  /** Other names for the same. */
  readonly aliases?: readonly string[];
  /** The heading under which `help` shows it. */
  readonly group: CommandGroup;
  /** What follows the name: `<needed>`, `[optional]`. */
  readonly usage?: string;
  /** One line for `help`. */
  readonly help: string;
  /** Whole sentences for `help <command>`, where one line does not say it all. */
  readonly details?: string;
  /** A command as a user might write it. */
  readonly example: string;
  /** What a user must be before the command makes sense; if not given, they must have a login. */
  readonly needs?: "nothing" | "admin";
}

/** Something that users can tell the bot to do: it reads what was said, has it done (`bridge/actions`), and says what came of it. */
export interface BotCommand extends CommandHelp {
  /**
   * @param args what follows the name, as it was written
   * @throws UserError to answer with a sentence
   */
  readonly run: (context: CommandContext, args: string) => Reply | Promise<Reply>;
}
