import { FinalError, type BotRequest, type Question } from "./command.ts";

/** Asks before something is done that cannot be undone. Whatever is not a yes is a no. */
export function confirm(prompt: string, work: (request: BotRequest, signal: AbortSignal) => Promise<void>): Question {
  return {
    prompt: `${prompt} Say yes to go on, or anything else to leave it.`,
    next: async (request, answer, signal) => {
      if (!/^y(?:es)?$/iu.test(answer.trim())) throw new FinalError("Nothing was done.");
      await work(request, signal);
      return undefined;
    },
  };
}
