/**
 * Cuts a text into parts whose UTF-8 form with CR LF line ends is at most `maxBytes` long; joined they give the text again.
 * It cuts behind a line break or space where there is one in the second half of the part, else between graphemes,
 * else between code points, never inside one.
 * @param maxBytes at least 4, the longest code point
 */
export function splitText(text: string, maxBytes: number): string[] {
  const parts: string[] = [];
  let rest = text.toWellFormed();
  for (;;) {
    const fitting = fittingLength(rest, maxBytes);
    if (fitting === rest.length) break;
    const cut = cutBefore(rest, fitting);
    parts.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...parts, rest];
}

/** How many UTF-16 units of `text` fit into `maxBytes`, in whole code points, when line ends are CR LF. */
export function fittingLength(text: string, maxBytes: number): number {
  let bytes = 0;
  let units = 0;
  for (const point of text) {
    bytes += point === "\n" ? 2 : Buffer.byteLength(point);
    if (bytes > maxBytes) return units;
    units += point.length;
  }
  return units;
}

function cutBefore(text: string, fitting: number): number {
  const part = text.slice(0, fitting);
  const gap = Math.max(part.lastIndexOf("\n"), part.lastIndexOf(" ")) + 1;
  if (gap > fitting / 2) return gap;
  return graphemeBoundary(text, fitting);
}

// A family emoji or a letter with its accents is several code points that belong together. None is longer than this
// in any real text; what looks longer is cut between code points.
const LONGEST_GRAPHEME = 64;

function graphemeBoundary(text: string, fitting: number): number {
  const start = Math.max(0, fitting - LONGEST_GRAPHEME);
  const window = text.slice(start, fitting + LONGEST_GRAPHEME);
  const { segment, index } = new Intl.Segmenter().segment(window).containing(fitting - start) ?? {
    segment: "",
    index: 0,
  };
  const boundary = start + index;
  return boundary === 0 || segment.length > LONGEST_GRAPHEME || index === 0 ? fitting : boundary;
}
