import type { CommandRequest } from "../bridge/command-request.ts";

/** What the bot wants to know before it can go on. */
export interface Question {
  readonly prompt: string;
  /** Goes on with the answer. @throws UserError to ask the same again */
  readonly next: (request: CommandRequest, answer: string, signal: AbortSignal) => Promise<Question | undefined>;
}

/** Something that people can tell the bot to do. */
export interface Command {
  readonly name: string;
  /** What follows the name: `<needed>`, `[optional]`. */
  readonly usage: string;
  /** One line for `help`. */
  readonly help: string;
  /** What somebody must have before the command makes sense. */
  readonly needs: "nothing" | "login";
  /**
   * Does it and says what came of it, or asks for more.
   * @param args what follows the name, as it was written
   * @param signal aborted by `cancel`; what was begun is then undone
   * @throws UserError to answer with a sentence
   */
  readonly run: (request: CommandRequest, args: string, signal: AbortSignal) => Promise<Question | undefined>;
}

/** Ends a command with a sentence for the person, or refuses an answer, which she may then give again. */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

/** Ends a command with a sentence for the person, open questions included. */
export class FinalError extends UserError {
  override readonly name = "FinalError";
}
