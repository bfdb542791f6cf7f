import {
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from "yaml";

/** Something that is wrong with the text as YAML. */
export interface YamlProblem {
  line: number;
  /** Without the full stop. */
  sentence: string;
}

const ALIAS = 'text that begins with "*" must stand in quotes';

// In the terms of people who write "@you:example.org", "*" or "!msn" without the quotes that YAML wants.
const SENTENCES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands in the same place a second time",
  MULTIPLE_DOCS: 'a second document begins here ("---"), but there may be only one',
  TAB_AS_INDENT: "this line is indented with a tab; use spaces",
  BAD_SCALAR_START: 'text that begins with a special sign such as "@" must stand in quotes',
  TAG_RESOLVE_FAILED: 'text that begins with "!" must stand in quotes',
  BAD_ALIAS: ALIAS,
};

/** The text of a YAML file, with the lines of its parts. */
export class YamlFile {
  /** What the text holds as plain values; undefined when it is empty or not YAML. */
  readonly value: unknown;
  /** In the order of their lines, the most telling one of each line. */
  readonly problems: readonly YamlProblem[];
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(text: string) {
    const document = parseDocument(text, { prettyErrors: false, lineCounter: this.#lines });
    this.#document = document;
    const aliases = this.#aliases();
    const found = [...document.warnings, ...document.errors].map(({ code, message, pos }) => ({
      line: this.#line(pos[0]),
      sentence: SENTENCES[code] ?? `this is not YAML: ${message}`,
    }));
    this.problems = firstOfEachLine([...aliases, ...found]);
    const readable = aliases.length === 0 && document.errors.every(({ code }) => code === "DUPLICATE_KEY");
    this.value = readable ? (document.toJS() ?? undefined) : undefined;
  }

  /** The line on which the part at `path` begins, or else the line of what should hold it. */
  find(path: readonly PropertyKey[]): { line: number; exists: boolean } {
    let node: unknown = this.#document.contents;
    let offset = 0;
    for (const step of path) {
      const part = isMap(node) || isSeq(node) ? child(node.items, step) : undefined;
      if (part === undefined) return { line: this.#line(offset), exists: false };
      offset = part.offset ?? offset;
      node = part.node;
    }
    return { line: this.#line(offset), exists: true };
  }

  // Aliases have no use in these files, and an unquoted * makes one.
  #aliases(): YamlProblem[] {
    const problems: YamlProblem[] = [];
    const note = (node: Node): void => void problems.push({ line: this.#line(node.range?.[0] ?? 0), sentence: ALIAS });
    visit(this.#document, { Alias: (_key, node) => note(node) });
    return problems;
  }

  #line(offset: number): number {
    return this.#lines.linePos(offset).line;
  }
}

interface Part {
  offset: number | undefined;
  node: unknown;
}

function child(items: readonly unknown[], step: PropertyKey): Part | undefined {
  if (typeof step === "number") {
    const item = items[step];
    return item === undefined ? undefined : { offset: startOf(item), node: item };
  }
  for (const item of items) {
    if (isPair(item) && isScalar(item.key) && String(item.key.value) === String(step)) {
      return { offset: startOf(item.key), node: item.value };
    }
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function firstOfEachLine(problems: readonly YamlProblem[]): YamlProblem[] {
  const first = problems.filter((one, index) => problems.findIndex(({ line }) => line === one.line) === index);
  return first.toSorted((a, b) => a.line - b.line);
}
