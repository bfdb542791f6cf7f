/** How a piece of a message looks. */
export interface Look {
  readonly bold: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
  /** Written in a line as a program's text. */
  readonly code: boolean;
  /** In a block where every space and line counts. */
  readonly verbatim: boolean;
  readonly rightToLeft: boolean;
  /** `#rrggbb` in lower case. */
  readonly color: string | undefined;
}

export const PLAIN_LOOK: Look = {
  bold: false,
  italic: false,
  underline: false,
  strike: false,
  code: false,
  verbatim: false,
  rightToLeft: false,
  color: undefined,
};

/** A piece of a message. Without a look it is layout: a space, or what begins a line. */
export interface Piece {
  readonly text: string;
  readonly look?: Look;
}

/** What all pieces of a message have in common. */
export function commonLook(pieces: readonly Piece[]): Look {
  const looks = new Set(pieces.flatMap(({ text, look }) => (look === undefined || text.trim() === "" ? [] : [look])));
  const [first = PLAIN_LOOK, ...others] = looks;
  let common = first;
  for (const look of others) common = shared(common, look);
  return common;
}

function shared(one: Look, other: Look): Look {
  return {
    bold: one.bold && other.bold,
    italic: one.italic && other.italic,
    underline: one.underline && other.underline,
    strike: one.strike && other.strike,
    code: one.code && other.code,
    verbatim: one.verbatim && other.verbatim,
    rightToLeft: one.rightToLeft && other.rightToLeft,
    color: one.color === other.color ? one.color : undefined,
  };
}

/** The text of all pieces; what a piece has beyond the common look is marked as people do who can only type. */
export function markedText(pieces: readonly Piece[], common: Look): string {
  const words: string[] = [];
  let open = "";
  const turnTo = (wanted: string): void => {
    const kept = sameStart(open, wanted);
    words.push(Array.from(open.slice(kept)).toReversed().join(""), wanted.slice(kept));
    open = wanted;
  };
  for (const [index, { text, look }] of pieces.entries()) {
    if (look !== undefined) turnTo(marksOf(look, common));
    else {
      const next = text === " " ? pieces[index + 1]?.look : undefined;
      const after = next === undefined ? "" : marksOf(next, common);
      turnTo(open.slice(0, sameStart(open, after)));
    }
    words.push(text);
  }
  turnTo("");
  return words.join("");
}

/** The marks in the order in which they open. */
function marksOf(look: Look, common: Look): string {
  if (look.verbatim) return "";
  if (look.code) return common.code ? "" : "`";
  const isSlanted = (look.italic && !common.italic) || (look.underline && !common.underline);
  return `${look.bold && !common.bold ? "*" : ""}${isSlanted ? "_" : ""}${look.strike && !common.strike ? "~" : ""}`;
}

function sameStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
