import { z } from "zod";

const reasons = z.record(z.string(), z.string().min(5));

export const packageLists = z.strictObject({
  most: z.strictObject({ bridge: z.int(), all: z.int() }),
  bridge: reasons,
  development: reasons,
  denied: reasons,
});
export type PackageLists = z.output<typeof packageLists>;

const names = z.record(z.string(), z.unknown()).default({});
const locked = z.object({
  link: z.boolean().default(false),
  dev: z.boolean().default(false),
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});
export const packageLock = z.object({ packages: z.record(z.string(), locked) });
export type PackageLock = z.output<typeof packageLock>;

/** A package in the lock. */
interface Installed {
  readonly name: string;
  readonly isDev: boolean;
  /** The packages that want it, the project itself as "package.json". */
  readonly wantedBy: readonly string[];
}

const FILE = "packages.yaml";

/** What is wrong with the packages in our lock, in sentences that say what to do. */
export function problemsWith(lock: PackageLock, lists: PackageLists): string[] {
  const installed = installedBy(lock);
  const unused = (["bridge", "development"] as const).flatMap((list) =>
    Object.keys(lists[list])
      .filter((pattern) => !installed.some(({ name }) => fits(name, pattern)))
      .map((pattern) => `${pattern} is not installed any more. Take it out of \`${list}\` in ${FILE}.`),
  );
  const twice = Object.keys(lists.bridge)
    .filter((pattern) => pattern in lists.development)
    .map((pattern) => `${pattern} stands under \`bridge\` and \`development\` in ${FILE}. The first is enough.`);
  return [...strangersIn(lock, lists), ...unused, ...twice];
}

/** What is in a lock, ours or that of others who install the bridge, and must not be, or is too much. */
export function strangersIn(lock: PackageLock, lists: PackageLists): string[] {
  const installed = installedBy(lock);
  const unknown = installed.flatMap(({ name, isDev, wantedBy }) => {
    const by = wantedBy.length === 0 ? "" : `, wanted by ${wantedBy.join(" and ")},`;
    const denied = reasonFor(name, lists.denied);
    if (denied !== undefined) return `${name}${by} is denied by ${FILE}: ${denied}. Do without it.`;
    if (reasonFor(name, lists.bridge) !== undefined) return [];
    if (isDev && reasonFor(name, lists.development) !== undefined) return [];
    const list = isDev ? "development" : "bridge";
    return `${name}${by} is new. Do without it, or name it under \`${list}\` in ${FILE}, with the reason; what to ask of it stands there.`;
  });
  const bridge = installed.filter(({ isDev }) => !isDev);
  const tooMany = [
    ["installed with the bridge", bridge.length, lists.most.bridge],
    ["in the lock", installed.length, lists.most.all],
  ] as const;
  const counts = tooMany
    .filter(([, count, most]) => count > most)
    .map(([where, count, most]) => `${count} packages are ${where}, and ${FILE} allows ${most}. Do without some.`);
  return [...new Set([...unknown, ...counts])];
}

/** How many packages there are, over all platforms. */
export function countsOf(lock: PackageLock): { readonly bridge: number; readonly all: number } {
  const installed = installedBy(lock);
  return { bridge: installed.filter(({ isDev }) => !isDev).length, all: installed.length };
}

function installedBy({ packages }: PackageLock): Installed[] {
  const wanted = new Map<string, Set<string>>();
  for (const [path, one] of Object.entries(packages)) {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = one;
    for (const name of Object.keys({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
      ...peerDependencies,
    })) {
      const found = resolve(packages, path, name);
      if (found === undefined) continue;
      if (!wanted.has(found)) wanted.set(found, new Set());
      wanted.get(found)?.add(nameOf(path));
    }
  }
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes("node_modules/") && !link)
    .map(([path, { dev: isDev }]) => ({ name: nameOf(path), isDev, wantedBy: [...(wanted.get(path) ?? [])] }));
}

/** Where Node finds `name` from `path`: in the innermost folder that has it. */
function resolve(packages: PackageLock["packages"], path: string, name: string): string | undefined {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const found = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (found in packages) return found;
    if (folder === "") return undefined;
  }
}

function nameOf(path: string): string {
  return path === "" ? "package.json" : path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

function reasonFor(name: string, list: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(list).find(([pattern]) => fits(name, pattern))?.[1];
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
