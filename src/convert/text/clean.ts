/** The most UTF-16 units of a text that are looked at: about what the largest event of Matrix can hold. */
export const MAX_TEXT = 65_536;

/** Stands at the end of what had to be cut. */
export const CUT_MARK = "\n[The rest is too long for this bridge.]";

// No script stacks more marks than this on a letter; "zalgo" does, and makes neighbouring lines unreadable.
const MAX_MARKS = 16;
const TOO_MANY_MARKS = new RegExp(`(\\p{M}{${MAX_MARKS}})\\p{M}+`, "gu");

// MSN Plus! writes colours as U+0003 and a number, sometimes with a second one for the background.
const COLOUR = "\u0003";
const COLOUR_CODE = new RegExp(String.raw`${COLOUR}(?:\d{1,2}(?:,\d{1,2})?)?`, "gu");
const LINE_END = /\r\n?|[\u0085\u2028\u2029]/gu;
const CONTROL = /[^\P{Cc}\n\t]/gu;

/**
 * A text that both networks can carry: whole characters, `\n` between lines, no control characters (old clients write
 * formatting codes with them), not more marks on a letter than any script has. What is longer than `MAX_TEXT` is cut,
 * with `CUT_MARK` behind it.
 */
export function cleanText(text: string): string {
  const whole = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - CUT_MARK.length)}${CUT_MARK}`;
  return whole
    .replaceAll(LINE_END, "\n")
    .replaceAll(COLOUR_CODE, "")
    .replaceAll(CONTROL, "")
    .replaceAll(TOO_MANY_MARKS, "$1")
    .toWellFormed();
}

// Blanks, line ends, and what takes no room: joiners, marks of direction, fillers (Unicode, Default_Ignorable_Code_Point).
const SEEN = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}]/u;

/** Whether there is nothing to be seen of a text. */
export function isBlank(text: string): boolean {
  return !SEEN.test(cleanText(text));
}

// They would turn around what we write next to the words of others.
const BIDI_CONTROL = /[\u202A-\u202E\u2066-\u2069]/gu;

/** The beginning of a text in one line of at most `most` characters, for use inside a line of ours. */
export function excerpt(text: string, most: number): string {
  // Nothing behind this is shown, unless the text is little but blanks.
  const start = cleanText(text.slice(0, most * 50));
  const line = start.replaceAll(BIDI_CONTROL, "").replaceAll(/\s+/gu, " ").trim();
  const shown = Array.from(new Intl.Segmenter().segment(line), (one) => one.segment);
  return shown.length <= most
    ? line
    : `${shown
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}

/** The beginning of a text that takes at most `most` bytes in JSON; what had to be cut ends with `CUT_MARK`. */
export function cutToBytes(text: string, most: number): string {
  let bytes = 0;
  let units = 0;
  let fitting = 0;
  for (const point of text) {
    bytes += /["\\\n\t]/u.test(point) ? 2 : Buffer.byteLength(point);
    units += point.length;
    if (bytes <= most - CUT_MARK.length - 1) fitting = units;
    if (bytes > most) return `${text.slice(0, fitting)}${CUT_MARK}`;
  }
  return text;
}
