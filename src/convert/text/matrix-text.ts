import { z } from "zod";
import { DEFAULT_STYLE, type TextStyle } from "../../msn/index.ts";
import { cleanText } from "./clean.ts";
import { runsRightToLeft } from "./direction.ts";
import { extensibleText, type ExtensibleText } from "./extensible.ts";
import { readHtml } from "./html-reader.ts";
import { commonLook, markedText, type Look } from "./look.ts";
import { withoutReplyFallback, type IsReply } from "./quote.ts";

/** A text with one look for all of it, as MSN has it. */
export interface StyledText {
  readonly text: string;
  /** Undefined: nothing was chosen. */
  readonly style?: TextStyle;
}

const anyContent = z.record(z.string(), z.unknown());
const optionalText = z.string().optional().catch(undefined);
const written = z.object({ body: optionalText, format: z.unknown().optional(), formatted_body: optionalText });

const TYPEWRITER = { font: "Courier New", family: "modern", pitch: "fixed" } as const;

/**
 * What the content of a message says, in whichever of its forms says more; undefined if it has no text.
 * @param isReply whether old clients may have put what it answers before it
 */
export function readText(content: unknown, isReply: IsReply): StyledText | undefined {
  const forms = formsOf(content);
  const rich = forms.html === undefined ? undefined : fromHtml(forms.html);
  if (rich !== undefined || forms.plain === undefined) return rich;
  return styled(withoutReplyFallback(cleanText(forms.plain), isReply));
}

/** What the content of a message says as its sender typed it; undefined if it has no text. */
export function typedText(content: unknown, isReply: IsReply): string | undefined {
  const plain = formsOf(content).plain?.replaceAll(/\r\n?/gu, "\n") ?? "";
  return plain.trim() === "" ? readText(content, isReply)?.text : withoutReplyFallback(plain, isReply);
}

// Where there is no body, the other forms count, whatever else is missing.
function formsOf(content: unknown): ExtensibleText {
  const { body, format, formatted_body: formatted } = written.safeParse(content).data ?? {};
  if (body !== undefined && body.trim() !== "")
    return { plain: body, ...(format === HTML && formatted !== undefined && { html: formatted }) };
  const { plain = body, html = formatted } = extensibleText(anyContent.safeParse(content).data ?? {}) ?? {};
  return { ...(plain !== undefined && { plain }), ...(html !== undefined && { html }) };
}

const HTML = "org.matrix.custom.html";

function fromHtml(html: string): StyledText | undefined {
  const pieces = readHtml(html);
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
