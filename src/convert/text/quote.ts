import { cleanText, excerpt } from "./clean.ts";

/** The words of a user, by the name under which others know them. */
export interface Quoted {
  readonly name: string;
  readonly text: string;
}

// Long names would leave nothing of the line.
const MAX_NAME = 40;
const SHORT = 80;
const FULL = 2000;

/** What stands before an answer: a line with the beginning of what it answers, or lines with all of it. */
export function quoteOf({ name, text }: Quoted, length: "short" | "full"): string {
  const words = withoutReplyFallback(cleanText(text)).trim();
  const said = length === "short" ? excerpt(words, SHORT) : clipped(words);
  return `${excerpt(name, MAX_NAME)}: ${said}`
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}

function clipped(text: string): string {
  return text.length <= FULL
    ? text
    : `${text
        .slice(0, FULL)
        .toWellFormed()
        .replace(/\u{fffd}$/u, "")}…`;
}

/**
 * Whether a text is an answer, before which clients may have put what it answers, and what that is, if it is known. Of an
 * edit only its original says it.
 */
export type IsReply = boolean | "unknown" | Quoted;

// How clients before 2024 quoted: Matrix spec 1.12, Client-Server API, "Fallbacks for rich replies".
const REST = String.raw`[^\n]*(?:\n>[^\n]*)*`;
const FALLBACK = new RegExp(String.raw`^> (?:\* )?<@[^>\n]+>${REST}\n{0,2}`, "u");
// An id is no proof in what may be no answer; the blank line is part of the form.
const WHOLE_FALLBACK = new RegExp(String.raw`^> (?:\* )?<@[^>\n:]+:[^>\n]+>${REST}\n\n`, "u");
// Some clients put the display name where the id belongs. A name without a limit would be tried with every end in turn.
const NAMED = new RegExp(String.raw`^> (?:\* )?<(?<name>[^\n]{1,256}?)>(?<rest>${REST})\n\n`, "u");

/** The body of an answer without the quotation that old clients put before it. */
export function withoutReplyFallback(body: string, isReply: IsReply = true): string {
  if (isReply === false) return body;
  if (isReply === "unknown") return body.replace(WHOLE_FALLBACK, "");
  if (FALLBACK.test(body)) return body.replace(FALLBACK, "");
  return body.replace(NAMED, (quote, name: string, rest: string) =>
    isReply === true || isQuoteOf(isReply, name, rest) ? "" : quote,
  );
}

// People quote HTML too, in answers as well.
function isQuoteOf(said: Quoted, name: string, rest: string): boolean {
  const [line = ""] = rest.split("\n");
  return name === said.name || (line.trim() !== "" && said.text.trim().startsWith(line.trim()));
}

/** The quotation that an old client may have put before what is perhaps an answer; empty if there is none. */
export function replyFallbackOf(body: string): string {
  return WHOLE_FALLBACK.exec(body)?.[0] ?? "";
}
