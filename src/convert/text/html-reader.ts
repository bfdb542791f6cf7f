import { Parser } from "htmlparser2";
import { parseColor } from "./color.ts";
import { EDGES, LOOKS, SKIPPED } from "./html-elements.ts";
import { linkTail } from "./link.ts";
import { PLAIN_LOOK, type Look, type Piece } from "./look.ts";
import { TextFlow } from "./text-flow.ts";

type Attributes = Readonly<Record<string, string>>;

interface Frame {
  readonly name: string;
  readonly look: Look;
  readonly close?: () => void;
}

// An event has no more bytes, and clients need show no more than 100 levels (Matrix spec, Client-Server API,
// "m.room.message msgtypes"). The parser would spend its time on looking through the levels.
const MAX_HTML = 65_536;
const MAX_DEPTH = 100;
const PARSED_AT_ONCE = 2048;

/** The pieces of a message that is written in HTML; undefined if it is too long or too deep to be anything sensible. */
export function readHtml(html: string): readonly Piece[] | undefined {
  if (html.length > MAX_HTML) return undefined;
  const reader = new HtmlReader();
  const parser = new Parser({
    onopentag: (name, attributes) => reader.open(name, attributes),
    onclosetag: (name) => reader.close(name),
    ontext: (text) => reader.text(text),
  });
  for (let at = 0; at < html.length; at += PARSED_AT_ONCE) {
    parser.write(html.slice(at, at + PARSED_AT_ONCE));
    if (reader.isTooDeep) return undefined;
  }
  parser.end();
  return reader.flow.pieces;
}

const RULE = "----------";

class HtmlReader {
  readonly flow = new TextFlow();
  readonly #frames: Frame[] = [];
  /** How many of the frames are of elements that are not shown. */
  #skipping = 0;
  /** How many cells enclose us; within them everything is in one line. */
  #cells = 0;
  #cellsInRow = 0;
  /** The number of the next item, for each list; undefined: without numbers. */
  readonly #lists: Array<number | undefined> = [];
  /** Whether we are directly behind the tag that begins verbatim text; a line end there is not part of it. */
  #isVerbatimStart = false;

  get isTooDeep(): boolean {
    return this.#frames.length > MAX_DEPTH;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#skipping > 0 || SKIPPED.has(name)) {
      this.#skipping += 1;
      this.#frames.push({ name, look: PLAIN_LOOK, close: () => (this.#skipping -= 1) });
      return;
    }
    this.#isVerbatimStart = false;
    const look = this.#lookOf(name, attributes);
    this.#edge(name);
    const close = this.#begin(name, attributes, look);
    this.#frames.push({ name, look, ...(close && { close }) });
  }

  close(name: string): void {
    // What was never opened is not closed; the parser closes what was left open.
    if (this.#frames.at(-1)?.name !== name) return;
    this.#frames.pop()?.close?.();
    if (this.#skipping === 0) this.#edge(name);
  }

  text(text: string): void {
    if (this.#skipping > 0) return;
    const look = this.#look;
    if (!look.verbatim) return this.flow.text(text, look);
    this.flow.verbatim(this.#isVerbatimStart ? text.replace(/^\n/u, "") : text, look);
    this.#isVerbatimStart = false;
  }

  get #look(): Look {
    return this.#frames.at(-1)?.look ?? PLAIN_LOOK;
  }

  #lookOf(name: string, attributes: Attributes): Look {
    const color = parseColor(attributes["data-mx-color"] ?? (name === "font" ? (attributes["color"] ?? "") : ""));
    const dir = attributes["dir"]?.toLowerCase();
    return {
      ...this.#look,
      ...LOOKS.get(name),
      ...(color !== undefined && { color }),
      ...(dir !== undefined && { rightToLeft: dir === "rtl" }),
    };
  }

  #edge(name: string): void {
    const edge = EDGES.get(name);
    if (edge === undefined) return;
    if (this.#cells === 0) this.flow.edge(edge);
    else this.flow.text(" ", undefined);
  }

  /** @returns what is to be done at the end of the element */
  #begin(name: string, attributes: Attributes, look: Look): (() => void) | undefined {
    const { flow } = this;
    switch (name) {
      case "br":
        if (this.#cells === 0) flow.lineBreak();
        else flow.text(" ", look);
        return undefined;
      case "hr":
        flow.text(RULE, undefined);
        return undefined;
      case "img":
        flow.text([attributes["alt"], attributes["title"]].find((words) => words?.trim()) ?? "[image]", look);
        return undefined;
      case "sup":
        flow.text("^", look);
        return undefined;
      case "a":
        return this.#link(attributes["href"] ?? "", look);
      case "span":
        return this.#spoiler(attributes["data-mx-spoiler"], look);
      case "pre":
        this.#isVerbatimStart = true;
        return () => flow.endVerbatim();
      case "blockquote":
        flow.indent("> ", "> ");
        return () => flow.outdent();
      case "ul":
        return this.#list(undefined);
      case "ol":
        return this.#list(Number.parseInt(attributes["start"] ?? "1", 10) || 1);
      case "li":
        return this.#item();
      case "tr":
        this.#cellsInRow = 0;
        return undefined;
      case "td":
      case "th":
        return this.#cell();
      default:
        return undefined;
    }
  }

  #link(href: string, look: Look): () => void {
    const start = this.flow.pieces.length;
    return () => this.flow.text(linkTail(href, this.flow.textSince(start)), look);
  }

  // MSN can hide nothing; the reader has been warned.
  #spoiler(reason: string | undefined, look: Look): (() => void) | undefined {
    if (reason === undefined) return undefined;
    this.flow.text(reason === "" ? "[spoiler: " : `[spoiler (${reason}): `, look);
    return () => this.flow.text("]", look);
  }

  #list(first: number | undefined): () => void {
    this.#lists.push(first);
    return () => {
      this.#lists.pop();
    };
  }

  #item(): () => void {
    const number = this.#lists.at(-1);
    if (number !== undefined) this.#lists[this.#lists.length - 1] = number + 1;
    const first = number === undefined ? "- " : `${number}. `;
    this.flow.indent(first, " ".repeat(first.length));
    return () => this.flow.outdent();
  }

  #cell(): () => void {
    if (this.#cellsInRow > 0) this.flow.text(" | ", undefined);
    this.#cellsInRow += 1;
    this.#cells += 1;
    return () => {
      this.#cells -= 1;
    };
  }
}
