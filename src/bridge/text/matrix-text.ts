import { z } from "zod";
import { DEFAULT_STYLE, type TextStyle } from "../../msn/index.ts";
import { cleanText } from "./clean.ts";
import { runsRightToLeft } from "./direction.ts";
import { readHtml } from "./html-reader.ts";
import { commonLook, markedText, type Look } from "./look.ts";
import { withoutReplyFallback } from "./quote.ts";

/** A text with one look for all of it, as MSN has it. */
export interface StyledText {
  readonly text: string;
  /** Undefined: nothing was chosen. */
  readonly style?: TextStyle;
}

const written = z.object({ body: z.string(), format: z.unknown().optional(), formatted_body: z.unknown().optional() });

const TYPEWRITER = { font: "Courier New", family: "modern", pitch: "fixed" } as const;

/**
 * What the content of a message says, in whichever of its forms says more; undefined if it has no text.
 * @param isReply whether old clients may have put what it answers before it
 */
export function readText(content: unknown, isReply: boolean): StyledText | undefined {
  const read = written.safeParse(content).data;
  if (read === undefined) return undefined;
  const isHtml = read.format === "org.matrix.custom.html" && typeof read.formatted_body === "string";
  const rich = isHtml ? fromHtml(read.formatted_body) : undefined;
  return rich ?? styled(cleanText(isReply ? withoutReplyFallback(read.body) : read.body));
}

function fromHtml(html: unknown): StyledText | undefined {
  const pieces = typeof html === "string" ? readHtml(html) : undefined;
  if (pieces === undefined) return undefined;
  const common = commonLook(pieces);
  const text = cleanText(markedText(pieces, common));
  return text.trim() === "" ? undefined : styled(text, common);
}

function styled(text: string, look?: Look): StyledText {
  const style: TextStyle = {
    ...DEFAULT_STYLE,
    ...(look && { bold: look.bold, italic: look.italic, underline: look.underline, strike: look.strike }),
    ...(look?.color !== undefined && { color: look.color }),
    ...((look?.code === true || look?.verbatim === true) && TYPEWRITER),
    rightToLeft: look?.rightToLeft === true || runsRightToLeft(text),
  };
  const isChosen = Object.entries(style).some(([key, value]) => DEFAULTS.get(key) !== value);
  return isChosen ? { text, style } : { text };
}

const DEFAULTS: ReadonlyMap<string, unknown> = new Map(Object.entries(DEFAULT_STYLE));
