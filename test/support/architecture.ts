import { dirname, posix } from "node:path";
import { IMPORTS, MAX_LINES, ROOMS, TESTS_OF_MORE, TEXTS } from "./architecture-rules.ts";

/** Texts of files by path. */
export type Files = ReadonlyMap<string, string>;

/** One import. Files are named by their path in `src`, everything else as it is written. */
interface Import {
  readonly from: string;
  readonly to: string;
  readonly isTypeOnly: boolean;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gmu, "");
}

const STATIC = /^(?:import|export)\s+(type\s)?[^"'`;=()]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gmu;
const DYNAMIC = /\bimport\(\s*["'`]([^"'`]+)["'`]/gu;

export function importsOf(file: string, text: string): Import[] {
  const code = withoutComments(text);
  const written = [
    ...[...code.matchAll(STATIC)].map(([, type, from, bare]) => ({
      specifier: from ?? bare ?? "",
      isTypeOnly: type !== undefined,
    })),
    ...[...code.matchAll(DYNAMIC)].map(([, specifier = ""]) => ({ specifier, isTypeOnly: false })),
  ];
  return written.map(({ specifier, isTypeOnly }) => {
    const to = specifier.startsWith(".") ? posix.join(dirname(file), specifier) : specifier;
    return { from: file, to, isTypeOnly };
  });
}

/** Every import that breaks a rule, and every file that no rule is about or that imports what is not there. */
export function importProblems(files: Files): string[] {
  const problems: string[] = [];
  for (const [file, text] of files) {
    if (!ROOMS.test(file)) problems.push(`no rule says what ${file} may import: name its room here`);
    for (const { to } of importsOf(file, text)) {
      const broken = IMPORTS.filter((one) => one.from.test(file) && !one.to.test(to));
      problems.push(...broken.map(({ rule }) => `${rule}: ${file} imports ${to}`));
      if (to.endsWith(".ts") && !files.has(to)) problems.push(`there is no ${to}, which ${file} imports`);
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
    if (lines > MAX_LINES) problems.push(`no file is longer than ${MAX_LINES} lines: ${file} has ${lines}`);
  }
  return problems;
}

/** The circles in which modules wait for one another when they are loaded; types are gone by then. */
export function cycles(files: Files): string[] {
  const next = new Map(
    [...files].map(([file, text]) => [
      file,
      importsOf(file, text).flatMap(({ to, isTypeOnly }) => (isTypeOnly || !files.has(to) ? [] : [to])),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file].join(" -> "));
    if (start >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files.keys()) visit(file, []);
  return found;
}

/** The tests that are named after nothing in `src`. */
export function strayTests(tests: readonly string[], files: Files): string[] {
  const own = tests.filter((test) => test.endsWith(".test.ts") && !/^(?:e2e|kill|long|support)\//.test(test));
  return own.filter((test) => {
    const name = test.replace(/\.test\.ts$/, "");
    return !files.has(`${name}.ts`) && !TESTS_OF_MORE.has(name);
  });
}
