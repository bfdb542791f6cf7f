import { posix } from "node:path";
import { cycles, importsOf, withoutComments, type Files } from "../support/architecture.ts";

/** Whether a file is part of the bridge itself, and not of the demo with its MSN server. */
function isBridge(file: string): boolean {
  return !/^(?:sandbox|demo)\//u.test(file);
}

/** Lines that hold code: neither blank nor only a comment. Without the sandbox and the demo. */
export function codeLines(files: Files): number {
  return [...files].filter(([file]) => isBridge(file)).reduce((sum, [, text]) => sum + linesOfCode(text), 0);
}

function linesOfCode(text: string): number {
  return withoutComments(text)
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

/** How many files each folder holds, without those in folders inside it; the fullest first. */
export function filesByFolder(files: Files): Array<[folder: string, count: number]> {
  const folders = Map.groupBy(files.keys(), (file) => posix.dirname(file));
  return [...folders]
    .map(([folder, { length }]): [string, number] => [folder, length])
    .toSorted(([, one], [, other]) => other - one);
}

/** The interfaces and types whose name ends in `Options`. */
export function optionsTypes(files: Files): string[] {
  return [...files].flatMap(([file, text]) =>
    [...withoutComments(text).matchAll(/^(?:export )?(?:interface|type) (\w*Options)\b/gmu)].map(
      ([, name = ""]) => `${file}: ${name}`,
    ),
  );
}

const BAG = /(?:^|\.)#?(?:\w*(?:[oO]ptions|[sS]cope|[cC]ontext|[sS]ervices)|parts|means|deps|surroundings)$/u;
const SPREAD = /\.\.\.((?:this\.)?#?\w+(?:\.\w+)*)(?=\s*[,})])/gu;
// What was taken out of a bag by `...rest` is most of the bag.
const REST = /\{[^{}]*?,\s*\.\.\.(\w+),?\s*\}\s*:\s*(?:Omit<)?(\w*(?:Options|Scope|Context|Services))\b/gu;

/**
 * The object literals that hold the whole of a bag of things: `{ ...options, more }`, where the name of what is spread
 * ends in options, scope, context or services, or is parts, means, deps or surroundings, or is the rest of a parameter
 * whose type is named so. Not counted are
 * - the defaults idiom, `{ ...DEFAULTS, ...options }`: there a class fills its own options
 * - `const portalScope = { ...scope, portal }`, `this.#scope = …` or `return …`: there a scope is made from the one beneath,
 *   and gets a name. What is made in the middle of a call's arguments has none, and counts.
 */
export function bagSpreads(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    if (!isBridge(file)) return [];
    const code = withoutComments(text);
    const rests = new Set([...code.matchAll(REST)].map(([, name]) => name));
    return [...code.matchAll(SPREAD)]
      .filter(([, what = ""]) => BAG.test(what) || rests.has(what))
      .filter(({ 0: all, 1: what = "", index }) => {
        const before = innermost(code.slice(0, index));
        // `{ one, ...rest }: Type` and `{ one, ...rest } = value` take apart and do not make.
        const takesApart = /^\s*,?\s*\}\s*(?::|=[^=>])/u.test(code.slice(index + all.length));
        const makesScope =
          /(?:[sS]cope|[cC]ontext)$/u.test(what) && /(?:=>? \(?|return )$/u.test(code.slice(0, index - before.length));
        return before.startsWith("{") && !makesScope && !/^\{\s*\.\.\.[A-Z][A-Z_]+,/u.test(before) && !takesApart;
      })
      .map(([, what = ""]) => `${file}: ...${what}`);
  });
}

/** The end of a text from the innermost `{`, `(` or `[` on that is still open. */
function innermost(text: string): string {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const sign = text.charAt(at);
    if (")]}".includes(sign)) depth += 1;
    else if ("([{".includes(sign)) {
      if (depth === 0) return text.slice(at);
      depth -= 1;
    }
  }
  return "";
}

const DECLARED =
  /^export (?:declare )?(?:default )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|interface|type|enum) (\w+)/gmu;

/** Names that are exported by more than one file, and by which; passing on what another file exports does not count. */
export function namesTwice(files: Files): Array<[name: string, files: readonly string[]]> {
  const where = new Map<string, Set<string>>();
  for (const [file, text] of files)
    for (const [, name = ""] of withoutComments(text).matchAll(DECLARED))
      where.set(name, (where.get(name) ?? new Set()).add(file));
  return [...where]
    .filter(([, { size }]) => size > 1)
    .map(([name, found]): [string, string[]] => [name, [...found].toSorted()])
    .toSorted(([one], [other]) => one.localeCompare(other));
}

/** The circles between files and between folders, types counted. */
export function circles(files: Files): string[] {
  return cycles(files);
}

export function longFiles(files: Files, most: number): string[] {
  return [...files]
    .map(([file, text]) => ({ file, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > most)
    .map(({ file, lines }) => `${file}: ${lines}`);
}

/** How often `words` stand in the files, comments included. */
export function copiesOf(words: string, files: Files): number {
  return [...files.values()].reduce((sum, text) => sum + text.split(words).length - 1, 0);
}

/** How many arrows between different folders there are, each counted once. */
export function arrowsBetweenFolders(files: Files): number {
  const arrows = [...files].flatMap(([file, text]) =>
    importsOf(file, text)
      .filter(({ to }) => files.has(to))
      .map(({ from, to }) => [posix.dirname(from), posix.dirname(to)] as const)
      .filter(([from, to]) => from !== to)
      .map(([from, to]) => `${from} -> ${to}`),
  );
  return new Set(arrows).size;
}
