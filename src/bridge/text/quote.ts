import { cleanText, excerpt } from "./clean.ts";

/** Somebody's words, by the name under which people know them. */
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

// How clients before 2024 quoted: Matrix spec 1.12, Client-Server API, "Fallbacks for rich replies".
const FALLBACK = /^> (?:\* )?<@[^>\n]+>[^\n]*(?:\n>[^\n]*)*\n{0,2}/u;

/** The body of an answer without the quotation that old clients put before it. */
export function withoutReplyFallback(body: string): string {
  return body.replace(FALLBACK, "");
}
