import type { CommandRequest } from "../bridge/command-request.ts";

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
   * Does it and says what came of it.
   * @param args what follows the name, as it was written
   * @throws UserError to answer with a sentence
   */
  readonly run: (request: CommandRequest, args: string) => Promise<void>;
}

/** Ends a command with a sentence for the person. */
export class UserError extends Error {
  override readonly name = "UserError";
}
