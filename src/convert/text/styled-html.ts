import type { TextStyle } from "../../msn/index.ts";
import { runsRightToLeft } from "./direction.ts";

const EFFECTS = [
  ["strike", "del"],
  ["underline", "u"],
  ["italic", "i"],
  ["bold", "b"],
] as const;

// What every client starts with; the sender did not choose it.
const NO_COLOR = "#000000";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * The HTML form of a text as its sender wants it to look; undefined if that would say no more than the text itself.
 * Of fonts only a typewriter's is kept, where it makes columns line up: all else is taste, not meaning.
 */
export function styledHtml(text: string, style: TextStyle): string | undefined {
  const isBlock = isCode(text, style);
  const isTurned = style.rightToLeft && !runsRightToLeft(text);
  const color = colorOf(style);
  const effects = EFFECTS.filter(([effect]) => style[effect]);
  if (text.trim() === "" || (!isBlock && !isTurned && color === undefined && effects.length === 0)) return undefined;
  const escaped = escapeHtml(text);
  // A line end before the end of a block is not shown.
  const inner = isBlock ? escaped.replace(/\n$/u, "\n\n") : withLayout(escaped);
  const dressed = effects.reduce((html, [, tag]) => `<${tag}>${html}</${tag}>`, inner);
  const colored = color === undefined ? dressed : `<font color="${color}" data-mx-color="${color}">${dressed}</font>`;
  if (isBlock) return `<pre${isTurned ? ' dir="rtl"' : ""}><code>${colored}</code></pre>`;
  return isTurned ? `<p dir="rtl">${colored}</p>` : colored;
}

/** Whether a text is in lines and columns, as programs and drawings made of letters are. */
export function isCode(text: string, style?: TextStyle): boolean {
  return style?.pitch === "fixed" && text.includes("\n");
}

/** A text as HTML that shows it letter by letter. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/["&'<>]/gu, (letter) => ENTITIES[letter] ?? letter);
}

// The colour goes into an attribute, so it is taken only in the one form it can have.
function colorOf({ color }: TextStyle): string | undefined {
  return color !== undefined && /^#[0-9a-f]{6}$/u.test(color) && color !== NO_COLOR ? color : undefined;
}

// HTML shows lines and runs of spaces only when told to.
function withLayout(escaped: string): string {
  return escaped.replaceAll(/(?<= ) |^ | $/gmu, "&nbsp;").replaceAll("\n", "<br/>");
}
