import type { Look } from "./look.ts";
import type { Edge } from "./text-flow.ts";

const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"];

/** Elements of which nothing is shown. */
export const SKIPPED: ReadonlySet<string> = new Set([
  "mx-reply",
  "script",
  "style",
  "head",
  "title",
  "template",
  "svg",
  "object",
  "noscript",
  "rp",
]);

/** How elements change the look of their text. */
export const LOOKS: ReadonlyMap<string, Partial<Look>> = new Map([
  ...each<Partial<Look>>(["b", "strong", ...HEADINGS], { bold: true }),
  ...each<Partial<Look>>(["i", "em", "cite", "dfn", "var"], { italic: true }),
  ...each<Partial<Look>>(["u", "ins"], { underline: true }),
  ...each<Partial<Look>>(["del", "s", "strike"], { strike: true }),
  ...each<Partial<Look>>(["code", "tt", "kbd", "samp"], { code: true }),
  ...each<Partial<Look>>(["pre"], { verbatim: true }),
]);

/** How blocks are set off from what stands around them. */
export const EDGES: ReadonlyMap<string, Edge> = new Map([
  ...each<Edge>(["p", ...HEADINGS], "paragraph"),
  ...each<Edge>(["div", "details", "summary", "figure", "figcaption", "dl", "dt", "dd", "caption"], "line"),
  ...each<Edge>(["ul", "ol", "li", "blockquote", "pre", "table", "tr", "hr"], "tight"),
]);

function each<Value>(names: readonly string[], value: Value): Array<[string, Value]> {
  return names.map((name) => [name, value]);
}
