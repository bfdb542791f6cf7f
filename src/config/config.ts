import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkConfig, knownKeys, type ParsedConfig, type SchemaProblem } from "./schema.ts";
import { YamlFile, type YamlProblem } from "./yaml.ts";
import { nearest } from "../util/nearest.ts";
import { certificatesIn } from "../util/pem.ts";

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/**
 * The configuration: spelled as in the file, defaults filled in, paths absolute, frozen throughout. Each `ca` holds the
 * certificates, in PEM form, in place of the name of their file.
 */
export type Config = DeepReadonly<Omit<ParsedConfig, "database"> & { database: { uri: string; key_file: string } }>;

/** The configuration cannot be used. The message holds one sentence for each problem, one to a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/**
 * Reads the configuration file at `path`.
 * @throws ConfigError naming every problem
 */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([unreadable(path, error)]);
  }
  return parseConfig(text, path);
}

/**
 * Turns the text of a configuration file into a value; reads the certificates that it names.
 * @param fileName named in the problems; relative paths in the text are taken from its folder
 * @throws ConfigError naming every problem with its line
 */
export function parseConfig(text: string, fileName: string): Config {
  const file = new YamlFile(text);
  if (file.value === undefined) {
    throw new ConfigError(
      file.problems.length > 0 ? sentences(fileName, file.problems) : [`The file ${fileName} is empty.`],
    );
  }
  const checked = checkConfig(file.value);
  if ("problems" in checked || file.problems.length > 0) {
    const found = "problems" in checked ? checked.problems.flatMap((problem) => describe(file, problem)) : [];
    // What is wrong with a line as YAML makes its value wrong too.
    const other = found.filter(({ line }) => file.problems.every((problem) => problem.line !== line));
    throw new ConfigError(sentences(fileName, [...file.problems, ...other]));
  }
  const folder = dirname(resolve(fileName));
  const { servers, problems } = readCertificates(checked.config.msn.servers, folder);
  if (problems.length > 0) {
    const found = problems.flatMap((problem) => describe(file, problem));
    throw new ConfigError(sentences(fileName, found));
  }
  return deepFreeze(withPaths({ ...checked.config, msn: { ...checked.config.msn, servers } }, folder));
}

function sentences(fileName: string, problems: readonly YamlProblem[]): string[] {
  const ordered = problems.toSorted((a, b) => a.line - b.line);
  return ordered.map(
    ({ line, sentence }) => `${fileName} line ${line}: ${sentence}${/[?.]$/.test(sentence) ? "" : "."}`,
  );
}

function describe(file: YamlFile, problem: SchemaProblem): YamlProblem[] {
  const { path, message, unknownKeys } = problem;
  if (unknownKeys !== undefined) {
    const known = knownKeys(path);
    return unknownKeys.map((key) => ({ line: file.find([...path, key]).line, sentence: unknownKey(key, known) }));
  }
  const { line, exists } = file.find(path);
  const parent = spell(path.slice(0, -1));
  const missing = `the key "${String(path.at(-1))}" is missing${parent === "" ? "" : ` under "${parent}"`}`;
  const named = path.length === 0 ? "the file" : `"${spell(path)}"`;
  return [{ line, sentence: exists ? `${named} ${message}` : missing }];
}

function unknownKey(key: string, known: readonly string[]): string {
  const there = `there is no key "${key}" here`;
  const meant = nearest(key, known);
  if (meant !== undefined) return `${there}; did you mean "${meant}"?`;
  return known.length === 0 ? there : `${there}; there may be ${known.join(", ")}`;
}

function spell(path: readonly PropertyKey[]): string {
  const spelled = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return spelled.replace(/^\./, "");
}

function withPaths(parsed: ParsedConfig, folder: string): Config {
  const uri = resolve(folder, parsed.database.uri.replace(/^file:(?:\/\/(?=\/))?/, ""));
  const keyFile = parsed.database.key_file;
  return { ...parsed, database: { uri, key_file: keyFile === undefined ? `${uri}.key` : resolve(folder, keyFile) } };
}

type Servers = ParsedConfig["msn"]["servers"];

function readCertificates(servers: Servers, folder: string): { servers: Servers; problems: SchemaProblem[] } {
  const problems: SchemaProblem[] = [];
  const read = servers.map((server, index) => {
    if (server.ca === undefined) return server;
    const path = resolve(folder, server.ca);
    try {
      return { ...server, ca: certificatesIn(readFileSync(path, "utf8")).join("") };
    } catch (error) {
      const message = `names the file ${path}, which ${whyUseless(error)}`;
      problems.push({ path: ["msn", "servers", index, "ca"], message });
      return server;
    }
  });
  return { servers: read, problems };
}

function whyUseless(error: unknown): string {
  if (!(error instanceof Error)) return `cannot be read (${String(error)})`;
  if (!("code" in error)) return error.message;
  if (error.code === "ENOENT") return "is not there";
  if (error.code === "EACCES") return "may not be read: give this user the right to read it";
  return error.code === "EISDIR" ? "is a folder" : `cannot be read (${String(error.code)})`;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

function unreadable(path: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return `There is no file ${path}: copy config/config.example.yaml there and fill it in.`;
  if (code === "EACCES") return `The file ${path} may not be read: give this user the right to read it.`;
  if (code === "EISDIR") return `${path} is a folder, not a configuration file.`;
  return `The file ${path} cannot be read (${String(code ?? error)}).`;
}
