import { z } from "zod";
import { cleanText } from "./clean.ts";
import { extensibleText } from "./extensible.ts";

const text = z.record(z.string(), z.unknown()).transform((content, context) => {
  const plain = extensibleText(content)?.plain ?? content["body"];
  if (typeof plain === "string") return plain;
  context.addIssue("it has no text");
  return z.NEVER;
});
const poll = z.object({ question: text, answers: z.array(text) });
const start = z.union([
  z.object({ "m.poll": poll }).transform((content) => content["m.poll"]),
  z.object({ "org.matrix.msc3381.poll.start": poll }).transform((content) => content["org.matrix.msc3381.poll.start"]),
]);

// More do not count (Matrix spec, Client-Server API, "Polls").
const MAX_ANSWERS = 20;

/** The question of a poll with its answers, numbered; undefined if it has none. */
export function pollText(content: unknown): string | undefined {
  const read = start.safeParse(content).data;
  if (read === undefined) return undefined;
  const answers = read.answers.slice(0, MAX_ANSWERS).map((answer, index) => `${index + 1}. ${answer}`);
  return cleanText([`Poll: ${read.question}`, ...answers].join("\n"));
}
