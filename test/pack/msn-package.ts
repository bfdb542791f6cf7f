import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

export const ROOT = join(import.meta.dirname, "../..");
const LIBRARY = join(ROOT, "src/msn");

const execute = promisify(execFile);
const packed = z.array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })).length(1);

/** What npm has packed. */
export interface Tarball {
  readonly path: string;
  /** The paths of its files. */
  readonly files: readonly string[];
}

/** Runs a program in a folder. @returns what it printed */
export async function run(folder: string, program: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { cwd: folder, maxBuffer: 2 ** 26, timeout: 600_000 });
    return stdout;
  } catch (error) {
    // What the compiler complains about stands on its standard output, which the error leaves out.
    const output = z.object({ stdout: z.string() }).safeParse(error).data?.stdout ?? "";
    throw new Error(`${program} ${args.join(" ")} failed:\n${output}`, { cause: error });
  }
}

/** Packs the package in `from` into the folder `to`. */
export async function packInto(from: string, to: string): Promise<Tarball> {
  const [made] = packed.parse(JSON.parse(await run(from, "npm", "pack", "--json", "--pack-destination", to)));
  if (made === undefined) throw new Error("npm packed nothing");
  return { path: join(to, made.filename), files: made.files.map(({ path }) => path) };
}

/**
 * Builds and packs the MSN library as a package of its own: what its index reaches in `src/msn` and `src/util`, and nothing
 * else.
 * @throws Error when any of it needs more than Node
 */
export async function packLibrary(to: string): Promise<Tarball> {
  const folder = mkdtempSync(join(tmpdir(), "msnp-client-"));
  try {
    const dist = join(folder, "dist");
    mkdirSync(dist);
    await run(ROOT, join(ROOT, "node_modules/.bin/tsc"), "-p", "tsconfig.msn.json", "--outDir", dist);
    for (const name of ["package.json", "README.md"]) cpSync(join(LIBRARY, name), join(folder, name));
    cpSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
    const needed = needs(dist);
    if (needed.length > 0) throw new Error(`the library needs more than Node: ${needed.join(", ")}`);
    return await packInto(folder, to);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the files of a folder import beside one another and Node's own modules. */
function needs(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const all = files.flatMap((file) => {
    const text = readFileSync(join(file.parentPath, file.name), "utf8");
    const names = [...text.matchAll(/\b(?:from |import |import\()"([^"\s]+)"/gu)].map(([, name = ""]) => name);
    return names.filter((name) => !/^(?:\.|node:)/u.test(name));
  });
  return [...new Set(all)];
}
