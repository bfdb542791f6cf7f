import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { TestSandbox } from "../support/sandbox/test-sandbox.ts";

// Packs the release, puts it into a project that has nothing else, and uses `matrix-appservice-msn/msn` there as somebody
// would who never saw this repository.
//
//     npm run test:pack

const ROOT = join(import.meta.dirname, "../..");
const ACCOUNT = { passport: "mia@example.com", password: "secret" };

// Everything that may be in the package; what npm adds by itself stands in the second row.
const WANTED = [
  /^dist\/.+\.(?:js|js\.map|d\.ts)$|^config\/|^stubs\/|^registration\.yaml\.example$|^CHANGELOG\.md$/,
  /^(?:package\.json|README\.md|LICENSE)$/,
];

const packed = z.array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })).length(1);

const execute = promisify(execFile);

async function run(folder: string, program: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { cwd: folder, maxBuffer: 2 ** 26, timeout: 600_000 });
    return stdout;
  } catch (error) {
    // What the compiler complains about stands on its standard output, which the error leaves out.
    const output = z.object({ stdout: z.string() }).safeParse(error).data?.stdout ?? "";
    throw new Error(`${program} ${args.join(" ")} failed:\n${output}`, { cause: error });
  }
}

/** Builds and packs. @returns the tarball */
async function pack(folder: string): Promise<string> {
  // What was built from sources that are gone would be packed too.
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  await run(ROOT, "npm", "run", "build");
  const [made] = packed.parse(JSON.parse(await run(ROOT, "npm", "pack", "--json", "--pack-destination", folder)));
  if (made === undefined) throw new Error("npm packed nothing");
  const paths = made.files.map(({ path }) => path);
  console.log(`${made.filename} holds:\n${summary(paths)}`);
  const stray = paths.filter((path) => !WANTED.some((one) => one.test(path)) || isLeftOver(path));
  if (stray.length > 0) throw new Error(`not wanted in the package: ${stray.join(", ")}`);
  return join(folder, made.filename);
}

function isLeftOver(path: string): boolean {
  const source = /^dist\/(.+?)\.(?:js|js\.map|d\.ts)$/.exec(path)?.[1];
  return source !== undefined && !existsSync(join(ROOT, "src", `${source}.ts`));
}

/** The files of `dist` counted by folder, all others by name. */
function summary(paths: readonly string[]): string {
  const rows = new Map<string, number>();
  for (const path of paths) {
    const folder = /^dist\/(?:[^/]+\/)?/.exec(path)?.[0];
    const row = folder === undefined ? path : `${folder}*`;
    rows.set(row, (rows.get(row) ?? 0) + 1);
  }
  return [...rows].map(([row, count]) => `  ${row}${row.endsWith("*") ? ` (${count} files)` : ""}`).join("\n");
}

const CONSUMER = `import { MsnClient, type MsnEvent } from "matrix-appservice-msn/msn";
const [host = "", port, nexusUrl = "", account = "", password = ""] = process.argv.slice(2);
const client = new MsnClient({ server: { host, port: Number(port), nexusUrl }, account, password });
client.on("event", (event: MsnEvent) => console.log(event.type));
await client.connect();
console.log(\`signed in: \${client.isConnected}\`);
await client.disconnect();
`;

/** What a module of the library makes known, and from where; and what it takes from others. */
const EXPORTS = /export (?:type )?\{([^}]*)\} from "([^"]+)"/gu;
const IMPORTS = /import (?:type )?\{([^}]*)\} from "([^"]+)"/gu;

function namesIn(list: string): Array<readonly [name: string, as: string]> {
  return list.split(",").flatMap((item) => {
    const [name = "", as = name] = item
      .trim()
      .replace(/^type /u, "")
      .split(" as ");
    return name === "" ? [] : [[name, as] as const];
  });
}

/**
 * A module that imports every type of the library by its name.
 * @throws Error when a signature mentions a type of ours that cannot be imported
 */
function nameEveryType(library: string): string {
  const index = readFileSync(join(library, "index.d.ts"), "utf8");
  const known = [...index.matchAll(EXPORTS)].flatMap(([, list = "", from = ""]) =>
    namesIn(list).map(([name, as]) => ({ name, as, path: join(library, from.replace(/\.[jt]s$/u, ".d.ts")) })),
  );
  const names = new Set(known.map(({ name }) => name));
  const types: string[] = [];
  const unknown = new Set<string>();
  for (const { name, as, path } of known) {
    const text = readFileSync(path, "utf8").replaceAll(/\/\*[^]*?\*\//gu, "");
    const start = new RegExp(`^export (?:declare )?(class|interface|type|const|function) ${name}\\b`, "mu").exec(text);
    if (start === null) throw new Error(`${name} is not declared in ${path}`);
    const after = text.slice(start.index + start[0].length);
    const end = after.search(/^(?:export|declare|interface|type|class)\b/mu);
    const mentioned = new Set(after.slice(0, end === -1 ? undefined : end).match(/\b[A-Z]\w*\b/gu));
    const taken = [...text.matchAll(IMPORTS)].flatMap(([, list = "", from = ""]) =>
      from.startsWith(".") ? namesIn(list).map(([one]) => one) : [],
    );
    const own = [...text.matchAll(/^(?:export )?(?:declare )?(?:class|interface|type) (\w+)/gmu)].map(([, one]) => one);
    for (const one of [...taken, ...own])
      if (one !== undefined && mentioned.has(one) && !names.has(one)) unknown.add(one);
    if (start[1] !== "const" && start[1] !== "function") types.push(as);
  }
  if (unknown.size > 0) throw new Error(`types that nobody can name: ${[...unknown].join(", ")}`);
  return `import type {\n  ${types.join(",\n  ")},\n} from "matrix-appservice-msn/msn";\nexport type Names = [\n  ${types.join(",\n  ")},\n];\n`;
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** A project that depends on the package, in JavaScript and in TypeScript at its strictest. */
async function makeConsumer(folder: string, tarball: string): Promise<void> {
  mkdirSync(folder);
  writeJson(join(folder, "package.json"), { name: "consumer", version: "1.0.0", private: true, type: "module" });
  // Unpacked, not installed: a whole install asks the registry about every package of the bridge, which the library does
  // not need, and takes minutes on a slow day. What the library itself needs is linked.
  const modules = join(folder, "node_modules");
  const unpacked = join(modules, "matrix-appservice-msn");
  mkdirSync(unpacked, { recursive: true });
  await run(folder, "tar", "-xzf", tarball, "-C", unpacked, "--strip-components=1");
  for (const name of ["pino", "@types"]) symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  writeFileSync(join(folder, "typed.ts"), CONSUMER);
  writeFileSync(join(folder, "names.ts"), nameEveryType(join(unpacked, "dist/msn")));
  writeFileSync(join(folder, "echo-bot.ts"), asConsumer(readFileSync(join(ROOT, "examples/echo-bot.ts"), "utf8")));
  const javaScript = CONSUMER.replace(", type MsnEvent", "").replace(": MsnEvent", "");
  writeFileSync(join(folder, "plain.js"), javaScript);
  // The declarations are checked too, not skipped.
  const options = { strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, types: ["node"] };
  const target = { target: "es2024", module: "nodenext", noUncheckedIndexedAccess: true, outDir: "out" };
  writeJson(join(folder, "tsconfig.json"), {
    compilerOptions: { ...options, ...target },
    files: ["typed.ts", "echo-bot.ts", "names.ts"],
  });
}

/** The example as its reader is told to write it. */
function asConsumer(example: string): string {
  return example.replace('"../src/msn/index.ts"', '"matrix-appservice-msn/msn"');
}

async function signIn(folder: string, sandbox: TestSandbox, script: string): Promise<void> {
  const { host, port, nexusUrl } = sandbox;
  const args = [host, String(port), nexusUrl, ACCOUNT.passport, ACCOUNT.password];
  const output = await run(folder, process.execPath, script, ...args);
  if (!output.includes("signed in: true")) throw new Error(`${script} did not sign in:\n${output}`);
  console.log(`${script}: signed in, and out again`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "msn-pack-"));
  const sandbox = await TestSandbox.start({ accounts: [ACCOUNT] });
  try {
    const consumer = join(folder, "consumer");
    await makeConsumer(consumer, await pack(folder));
    await signIn(consumer, sandbox, "plain.js");
    await run(consumer, join(ROOT, "node_modules/.bin/tsc"), "-p", "tsconfig.json");
    console.log("typed.ts, echo-bot.ts and names.ts: compiled, declarations checked");
    await signIn(consumer, sandbox, "out/typed.js");
  } finally {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
