import { MAX_TEXT } from "./clean.ts";
import type { Look, Piece } from "./look.ts";

/** What stands before the lines of a block. */
interface Margin {
  readonly rest: string;
  /** What stands before its next line. */
  next: string;
}

/** How far a block is set off: a blank line if its neighbour wants one too, a line of its own, nothing but a line. */
export type Edge = "paragraph" | "line" | "tight";

// Deeper nesting cannot be followed by reading, and would fill the text with margins.
const MAX_MARGINS = 10;

/** Lays out a message in lines, with whitespace treated as in HTML. */
export class TextFlow {
  readonly #pieces: Piece[] = [];
  readonly #margins: Margin[] = [];
  #length = 0;
  #isLineStart = true;
  #isSpaceDue = false;
  /** How many line ends are due before the next text. */
  #due = 0;

  /** All that has been written. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /**
   * Writes text in which any whitespace is one space, or none where a line begins or ends.
   * @param look undefined for what belongs to the layout
   */
  text(text: string, look: Look | undefined): void {
    const words = text.replaceAll(/[\t\n\f\r ]+/gu, " ");
    const inner = words.replaceAll(/^ | $/gu, "");
    if (words.startsWith(" ")) this.#isSpaceDue = true;
    if (inner === "") return;
    this.#begin();
    if (this.#isSpaceDue && !this.#isLineStart) this.#push(" ");
    this.#push(inner.replaceAll("\u{a0}", " "), look);
    this.#isLineStart = false;
    this.#isSpaceDue = words.endsWith(" ");
  }

  /** Writes text in which every space and line end counts. */
  verbatim(text: string, look: Look): void {
    for (const [index, line] of text.split("\n").entries()) {
      if (index > 0) this.lineBreak();
      if (line === "") continue;
      this.#begin();
      this.#push(line, look);
      this.#isLineStart = false;
    }
  }

  /** Takes back a line end with which verbatim text ended. */
  endVerbatim(): void {
    if (this.#pieces.at(-1)?.text !== "\n") return;
    this.#pieces.pop();
    this.#isLineStart = false;
  }

  lineBreak(): void {
    this.#begin(true);
    this.#push("\n");
    this.#isLineStart = true;
    this.#isSpaceDue = false;
  }

  /** A block begins or ends here. */
  edge(edge: Edge): void {
    this.#isSpaceDue = false;
    switch (edge) {
      case "paragraph":
        this.#due = this.#due === 0 ? 2 : this.#due;
        return;
      case "line":
        this.#due = Math.max(this.#due, 1);
        return;
      case "tight":
        this.#due = 1;
    }
  }

  /** From here on lines begin with `rest`, the first of them with `first`. */
  indent(first: string, rest: string): void {
    const isTooDeep = this.#margins.length >= MAX_MARGINS;
    this.#margins.push(isTooDeep ? { next: "", rest: "" } : { next: first, rest });
  }

  outdent(): void {
    this.#margins.pop();
  }

  /** What has been written since there were `count` pieces. */
  textSince(count: number): string {
    return this.#pieces
      .slice(count)
      .map(({ text }) => text)
      .join("");
  }

  // Ends lines as is due, and begins the line that is written next.
  #begin(isEmptyLine = false): void {
    if (this.#pieces.length > 0) {
      if (this.#due > 0 && !this.#isLineStart) this.#endLine();
      if (this.#due > 1) {
        this.#margin(true);
        this.#endLine();
      }
    }
    this.#due = 0;
    if (this.#isLineStart) this.#margin(isEmptyLine);
  }

  #endLine(): void {
    this.#push("\n");
    this.#isLineStart = true;
    this.#isSpaceDue = false;
  }

  #margin(isEmptyLine: boolean): void {
    let line = "";
    for (const margin of this.#margins) {
      line += margin.next;
      margin.next = margin.rest;
    }
    const written = isEmptyLine ? line.trimEnd() : line;
    if (written !== "") this.#push(written);
  }

  // One more than fits, so that it is seen that something is missing.
  #push(text: string, look?: Look): void {
    if (this.#length > MAX_TEXT) return;
    this.#length += text.length;
    this.#pieces.push(look === undefined ? { text } : { text, look });
  }
}
