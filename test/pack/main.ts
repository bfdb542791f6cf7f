import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import { tryInstalled } from "./installed.ts";
import { packInto, packLibrary, ROOT, run } from "./msn-package.ts";

// Packs the bridge, looks what is in it, and installs it as its users do. Packs the MSN library, puts it into a project that has nothing else, and uses
// it there as somebody would who never saw this repository.
//
//     npm run test:pack

const MIA = { passport: "mia@example.com", password: "secret" };
const NILS = { passport: "nils@example.com", password: "secret" };

// Everything that may be in the packages; what npm adds by itself stands in the last row.
const BRIDGE = /^dist\/.+\.(?:js|js\.map)$|^config\/|^registration\.yaml\.example$|^CHANGELOG\.md$/;
const LIBRARY = /^dist\/(?:msn|util)\/.+\.(?:js|d\.ts)$/;
const ALWAYS = /^(?:package\.json|README\.md|LICENSE)$/;

/** @throws Error when there is anything in a package that does not belong there */
function check(files: readonly string[], wanted: RegExp): void {
  console.log(summary(files));
  const stray = files.filter((path) => !(wanted.test(path) || ALWAYS.test(path)) || isLeftOver(path));
  if (stray.length > 0) throw new Error(`not wanted in the package: ${stray.join(", ")}`);
}

/** Builds and packs the bridge. @returns where the package is */
async function packBridge(folder: string): Promise<string> {
  // What was built from sources that are gone would be packed too.
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  await run(ROOT, "npm", "run", "build");
  const { path, files } = await packInto(ROOT, folder);
  console.log(`${path} holds:`);
  check(files, BRIDGE);
  return path;
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

// Two accounts sign in; one writes, and the other hears it.
const CONSUMER = `import { MsnClient, type MsnEvent } from "msnp-client";
const [host = "", port, nexusUrl = "", ...accounts] = process.argv.slice(2);
const server = { host, port: Number(port), nexusUrl };
const [mia, nils] = accounts.map((account) => new MsnClient({ server, account, password: "secret" }));
if (mia === undefined || nils === undefined) throw new Error("give two accounts");
const heard = Promise.withResolvers<void>();
nils.on("event", (event: MsnEvent) => {
  if (event.type !== "content" || event.content.type !== "text") return;
  console.log(\`\${event.account} wrote: \${event.content.text}\`);
  heard.resolve();
});
await Promise.all([mia.connect(), nils.connect()]);
console.log(\`signed in: \${mia.isConnected && nils.isConnected}\`);
const delivery = await mia.conversation(nils.account).send({ type: "text", text: "Hello Nils" });
console.log(\`delivery: \${delivery.state}\`);
await heard.promise;
await Promise.all([mia.disconnect(), nils.disconnect()]);
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
  const uses: string[] = [];
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
    if (start[1] !== "const" && start[1] !== "function") {
      types.push(as);
      uses.push(after.startsWith("<") ? `${as}<never>` : as);
    }
  }
  if (unknown.size > 0) throw new Error(`types that nobody can name: ${[...unknown].join(", ")}`);
  return `import type {\n  ${types.join(",\n  ")},\n} from "msnp-client";\nexport type Names = [\n  ${uses.join(",\n  ")},\n];\n`;
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** A project that depends on the package, in JavaScript and in TypeScript at its strictest. */
async function makeConsumer(folder: string, tarball: string): Promise<void> {
  mkdirSync(folder);
  writeJson(join(folder, "package.json"), { name: "consumer", version: "1.0.0", private: true, type: "module" });
  const modules = join(folder, "node_modules");
  const unpacked = join(modules, "msnp-client");
  mkdirSync(unpacked, { recursive: true });
  await run(folder, "tar", "-xzf", tarball, "-C", unpacked, "--strip-components=1");
  // Node's own types, for the compiler.
  symlinkSync(join(ROOT, "node_modules/@types"), join(modules, "@types"));
  writeFileSync(join(folder, "typed.ts"), CONSUMER);
  writeFileSync(join(folder, "names.ts"), nameEveryType(join(unpacked, "dist/msn")));
  writeFileSync(join(folder, "echo-bot.ts"), asConsumer(readFileSync(join(ROOT, "examples/echo-bot.ts"), "utf8")));
  const javaScript = CONSUMER.replace(", type MsnEvent", "").replace(": MsnEvent", "").replace("<void>", "");
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
  return example.replace('"../src/msn/index.ts"', '"msnp-client"');
}

async function chat(folder: string, sandbox: Sandbox, script: string): Promise<void> {
  const { host, port, nexusUrl } = sandbox;
  const args = [host, String(port), nexusUrl, MIA.passport, NILS.passport];
  const output = await run(folder, process.execPath, script, ...args);
  for (const line of ["signed in: true", "delivery: delivered", `${MIA.passport} wrote: Hello Nils`])
    if (!output.includes(line)) throw new Error(`${script} did not say "${line}":\n${output}`);
  console.log(`${script}: two accounts signed in, one wrote, the other heard it`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "msn-pack-"));
  const sandbox = await Sandbox.start({ accounts: [MIA, NILS] });
  try {
    await tryInstalled(join(folder, "installed"), await packBridge(folder));
    const library = await packLibrary(folder);
    console.log(`${library.path} needs nothing but Node, and holds:`);
    check(library.files, LIBRARY);
    const consumer = join(folder, "consumer");
    await makeConsumer(consumer, library.path);
    await chat(consumer, sandbox, "plain.js");
    await run(consumer, join(ROOT, "node_modules/.bin/tsc"), "-p", "tsconfig.json");
    console.log("typed.ts, echo-bot.ts and names.ts: compiled, declarations checked");
    await chat(consumer, sandbox, "out/typed.js");
  } finally {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
