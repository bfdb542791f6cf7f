import type { Question, Reply } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { FinalError } from "./errors.ts";

/** Asks before something is done that cannot be undone. Whatever is not a yes is a no. */
export function confirm(prompt: string, work: (context: CommandContext) => Reply | Promise<Reply>): Question {
  return {
    prompt: `${prompt} Say yes to go on, or anything else to leave it.`,
    next: (context, answer) => {
      if (!/^y(?:es)?$/iu.test(answer.trim())) throw new FinalError("Nothing was done.");
      return work(context);
    },
  };
}
