import { dirname, posix } from "node:path";
import { FOLDERS, LONG_FILES, MAX_LINES, SOLE, TESTS_OF_MORE, TEXTS } from "./architecture-rules.ts";

/** Texts of files by path. */
export type Files = ReadonlyMap<string, string>;

/** One import. Files are named by their path in `src`, everything else as it is written. */
interface Import {
  readonly from: string;
  readonly to: string;
}

/** The text of a file without its comments. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gmu, "");
}

const STATIC = /^(?:import|export)\s+(?:type\s)?[^"'`;=()]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gmu;
const DYNAMIC = /\bimport\(\s*["'`]([^"'`]+)["'`]/gu;

export function importsOf(file: string, text: string): Import[] {
  const code = withoutComments(text);
  const written = [
    ...[...code.matchAll(STATIC)].map(([, from, bare]) => from ?? bare ?? ""),
    ...[...code.matchAll(DYNAMIC)].map(([, specifier = ""]) => specifier),
  ];
  return written.map((specifier) => {
    const to = specifier.startsWith(".") ? posix.join(dirname(file), specifier) : specifier;
    return { from: file, to };
  });
}

/** The folder of a file of `src`; the files that stand in none are folders of their own. */
function folderOf(file: string): string {
  const folder = dirname(file);
  return folder === "." ? file : folder;
}

/** Every import that its folder may not have, and every file that no rule is about or that imports what is not there. */
export function importProblems(files: Files): string[] {
  const problems: string[] = [];
  for (const [file, text] of files) {
    const folder = FOLDERS.find(({ path }) => path === folderOf(file));
    if (folder === undefined) problems.push(`no rule says what ${folderOf(file)} may import`);
    for (const { to } of importsOf(file, text)) {
      const isSource = to.endsWith(".ts");
      if (isSource && !files.has(to)) problems.push(`there is no ${to}, which ${file} imports`);
      const known = [to, isSource ? folderOf(to) : to.replace(/^node:.*$/u, "node"), ...(isSource ? [] : [to])];
      const mayImport = new Set([folder?.path, ...(folder?.mayImport ?? [])]);
      if (!known.some((name) => mayImport.has(name))) problems.push(`${file} may not import ${to}`);
      const sole = SOLE.find(({ what }) => what === to);
      if (sole?.by.some((one) => file.startsWith(one)) === false) problems.push(`${file} is not to import ${to}`);
    }
  }
  return problems;
}

/** Every file that holds what it may not hold, or is too long. */
export function textProblems(files: Files): string[] {
  const problems: string[] = [];
  for (const [file, text] of files) {
    const code = withoutComments(text);
    const broken = TEXTS.filter((one) => one.files.test(file) && one.never.test(code));
    problems.push(...broken.map(({ rule }) => `${rule}: ${file}`));
    const lines = text.split("\n").length - 1;
    if (lines > MAX_LINES && !(file in LONG_FILES))
      problems.push(`${file} has ${lines} lines: cut it where its concepts part, or say why not`);
  }
  return problems;
}

/** The circles of files and of folders that import each other, types included. */
export function cycles(files: Files): string[] {
  const imports = [...files].flatMap(([file, text]) => importsOf(file, text).filter(({ to }) => files.has(to)));
  const between = imports.map(({ from, to }) => ({ from: folderOf(from), to: folderOf(to) }));
  return [...circlesOf(imports), ...circlesOf(between.filter(({ from, to }) => from !== to))];
}

function circlesOf(arrows: readonly { readonly from: string; readonly to: string }[]): string[] {
  const next = Map.groupBy(arrows, ({ from }) => from);
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (one: string, path: readonly string[]): void => {
    const start = path.indexOf(one);
    if (start >= 0) found.push([...path.slice(start), one].join(" -> "));
    if (start >= 0 || done.has(one)) return;
    for (const to of new Set(next.get(one)?.map((arrow) => arrow.to))) visit(to, [...path, one]);
    done.add(one);
  };
  for (const one of next.keys()) visit(one, []);
  return found;
}

/** The files that none of `roots` needs: what only tests use does not ship. */
export function unreached(files: Files, roots: readonly string[]): string[] {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    const text = files.get(file);
    if (text === undefined || reached.has(file)) return;
    reached.add(file);
    for (const { to } of importsOf(file, text)) reach(to);
  };
  for (const root of roots) reach(root);
  return [...files.keys()].filter((file) => !reached.has(file));
}

/** The tests that are named after nothing in `src`. */
export function strayTests(tests: readonly string[], files: Files): string[] {
  const own = tests.filter(
    (test) => test.endsWith(".test.ts") && !/^(?:bench|docs|e2e|kill|long|measure|support)\//.test(test),
  );
  return own.filter((test) => {
    const name = test.replace(/\.test\.ts$/, "");
    return !files.has(`${name}.ts`) && !TESTS_OF_MORE.has(name);
  });
}
