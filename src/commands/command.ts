import type { CommandRequest } from "./request.ts";

/** What the bot wants to know before it can go on. */
export interface Question {
  readonly prompt: string;
  /**
   * `asked`: the answer is a password or a token, and whatever is said next is removed, even if the bridge was restarted
   * meanwhile. `later`: that will be asked next. Both are asked only where nobody else reads.
   */
  readonly secret?: "asked" | "later";
  /**
   * What is a command if it is said next, and no answer; if not given, nothing is. `plain-commands`: nothing but the name
   * of a command, or the beginning of a login. `login`: only a login with all that belongs to it.
   */
  readonly yieldsTo?: "commands" | "plain-commands" | "login";
  /** Goes on with the answer. @throws UserError to ask the same again */
  readonly next: (request: BotRequest, answer: string, signal: AbortSignal) => Promise<Question | undefined>;
}

/** What a command is run with. */
export interface BotRequest extends CommandRequest {
  /** From now on the command can no longer be cancelled. */
  readonly commit: () => void;
}

/** The headings of `help`. */
export const COMMAND_GROUPS = ["General", "Accounts", "Contacts", "Chats", "Admin"] as const;
type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** Something that people can tell the bot to do. */
export interface Command {
  readonly name: string;
  /** Other names for the same. */
  readonly aliases?: readonly string[];
  /** The heading under which `help` shows it. */
  readonly group: CommandGroup;
  /** What follows the name: `<needed>`, `[optional]`. */
  readonly usage: string;
  /** One line for `help`. */
  readonly help: string;
  /** Whole sentences for `help <command>`, where one line does not say it all. */
  readonly details?: string;
  /** A command as somebody might write it. */
  readonly example: string;
  /** What somebody must have, or be, before the command makes sense. */
  readonly needs: "nothing" | "login" | "admin";
  /**
   * Does it and says what came of it, or asks for more.
   * @param args what follows the name, as it was written
   * @param signal aborted by `cancel`; what was begun is then undone
   * @throws UserError to answer with a sentence
   */
  readonly run: (request: BotRequest, args: string, signal: AbortSignal) => Promise<Question | undefined>;
}

/** Ends a command with a sentence for the person, or refuses an answer, which she may then give again. */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

/** Ends a command with a sentence for the person, open questions included. */
export class FinalError extends UserError {
  override readonly name = "FinalError";
}
