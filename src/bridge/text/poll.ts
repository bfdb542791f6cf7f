import { z } from "zod";
import { cleanText } from "./clean.ts";

// Text as the extensible events of the spec have it, as their proposal had it, and as the first clients wrote it.
const text = z.union([
  z
    .object({ "m.text": z.array(z.object({ body: z.string() })).min(1) })
    .transform((one) => one["m.text"][0]?.body ?? ""),
  z.object({ "org.matrix.msc1767.text": z.string() }).transform((one) => one["org.matrix.msc1767.text"]),
  z.object({ body: z.string() }).transform(({ body }) => body),
]);
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
