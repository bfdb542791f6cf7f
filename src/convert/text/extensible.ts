import { z } from "zod";

/** A text in the forms that extensible events give it. */
export interface ExtensibleText {
  readonly plain?: string;
  readonly html?: string;
}

const part = z.object({ body: z.string(), mimetype: z.string().optional().catch(undefined) });
const parts = z.union([
  z.string().transform((body) => [{ body, mimetype: undefined }]),
  part.transform((one) => [one]),
  z.array(z.unknown()).transform((all) => all.flatMap((one) => part.safeParse(one).data ?? [])),
]);

// The key of the spec, those of the proposal, and those that the first clients wrote (MSC1767).
const KEYS = ["m.text", "org.matrix.msc1767.text", "m.message", "org.matrix.msc1767.message"] as const;
const HTML_KEYS = ["m.html", "org.matrix.msc1767.html"] as const;

/** The text that an event, or a part of one, holds as an extensible event (MSC1767); undefined if it holds none. */
export function extensibleText(content: Readonly<Record<string, unknown>>): ExtensibleText | undefined {
  const texts = KEYS.flatMap((key) => parts.safeParse(content[key]).data ?? []);
  const plain = texts.find(({ mimetype = "text/plain" }) => mimetype === "text/plain")?.body;
  const tagged = texts.find(({ mimetype }) => mimetype === "text/html")?.body;
  const html = tagged ?? HTML_KEYS.flatMap((key) => parts.safeParse(content[key]).data ?? [])[0]?.body;
  if (plain === undefined && html === undefined) return undefined;
  return { ...(plain !== undefined && { plain }), ...(html !== undefined && { html }) };
}

/** Whether a program has sent an event by itself (MSC3955). */
export function isAutomated(content: Readonly<Record<string, unknown>>): boolean {
  return content["m.automated"] === true || content["org.matrix.msc3955.automated"] === true;
}
