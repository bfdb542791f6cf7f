/** Makes a Debian root with Synapse in it: in a folder beside its place, moved there once it is complete. */
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Clock } from "../util/clock.ts";
import { type Argv, type Environment, type Run, findOnPath, runLogged } from "./child.ts";
import { withFileLock } from "./file-lock.ts";

export interface BuildOptions {
  /** The folder for the root, the unfinished ones, the lock and the log. */
  readonly cache: string;
  /** Where the finished root goes, inside `cache`. */
  readonly root: string;
  readonly env: Environment;
  readonly path: string;
  readonly aptLists: string;
  readonly clock: Clock;
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const UNFINISHED = "synapse-root.building-";
const WAIT_FOR_OTHERS_SECONDS = 1800;
const APT_LIMIT_MS = 300_000;
const BUILD_LIMIT_MS = 900_000;
const APT_INSTALL: Argv = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "-y"];

/** Whether this folder is a finished root with Synapse in it. */
export async function holdsSynapse(root: string): Promise<boolean> {
  return stat(join(root, "usr/bin/synapse_homeserver")).then(
    () => true,
    () => false,
  );
}

/** Makes the root unless another process has just made it. Gives the last words of apt or debootstrap if they failed. */
export async function buildRoot(options: BuildOptions): Promise<string | undefined> {
  await mkdir(options.cache, { recursive: true });
  const lock = {
    clock: options.clock,
    waitSeconds: WAIT_FOR_OTHERS_SECONDS,
    waiting: () => options.progress("Another process is fetching Synapse; waiting for it."),
    signal: options.signal,
  };
  return withFileLock(join(options.cache, "synapse-root.lock"), lock, async () => {
    if (await holdsSynapse(options.root)) return undefined;
    // Only who holds the lock builds, so whatever lies here belongs to a build that died.
    await removeUnfinished(options);
    const folder = await mkdtemp(join(options.cache, UNFINISHED));
    try {
      const failure = await fill(folder, options);
      if (failure !== undefined) return failure;
      await removeTree(options.root, options);
      await rename(folder, options.root);
      options.progress("Synapse is ready; the next start finds it in the cache.");
      return undefined;
    } finally {
      await removeTree(folder, options);
    }
  });
}

async function fill(folder: string, options: BuildOptions): Promise<string | undefined> {
  const logFile = join(options.cache, "synapse-root.log");
  await rm(logFile, { force: true });
  options.progress(`Fetching Synapse from Debian. This takes about a minute, the first time only. Log: ${logFile}`);
  if ((await findOnPath("debootstrap", options.path)) === undefined) {
    options.progress("Installing debootstrap.");
    const installed = await installDebootstrap(logFile, options);
    if (!installed.ok) return lastWords(installed.output);
  }
  options.progress("Making a small Debian system (1 of 2).");
  // apt downloads as a user of its own, who has to be able to enter the root.
  await chmod(folder, 0o755);
  const made = await run(["debootstrap", "--variant=minbase", "sid", folder], logFile, options);
  if (!made.ok) return lastWords(made.output);
  // invoke-rc.d asks this before a package starts its service; the root must never start one on our machine.
  await writeFile(join(folder, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  options.progress("Installing Synapse into it (2 of 2).");
  const install: Argv = ["chroot", folder, ...APT_INSTALL, "--no-install-recommends", "matrix-synapse"];
  const installed = await run(install, logFile, options);
  if (!installed.ok) return lastWords(installed.output);
  if (!(await holdsSynapse(folder))) throw new Error("Debian's matrix-synapse package has no synapse_homeserver");
  return undefined;
}

async function installDebootstrap(logFile: string, options: BuildOptions): Promise<Run> {
  // This is the machine's own dpkg: ended half-way it would have to be repaired by hand.
  const step = async (argv: Argv): Promise<Run> =>
    runLogged(argv, { ...options, timeoutMs: APT_LIMIT_MS, logFile, outlivesUs: true });
  const update: Argv = ["apt-get", "update"];
  const install: Argv = [...APT_INSTALL, "--no-install-recommends", "debootstrap", "debian-archive-keyring"];
  // What `update` says is not decisive: a foreign mirror that is down makes it fail although Debian's own was read.
  const listsAreEmpty = !(await hasPackageLists(options.aptLists));
  if (listsAreEmpty) await step(update);
  const installed = await step(install);
  if (installed.ok || listsAreEmpty) return installed;
  await step(update);
  return step(install);
}

async function run(argv: Argv, logFile: string, options: BuildOptions): Promise<Run> {
  return runLogged(argv, { ...options, timeoutMs: BUILD_LIMIT_MS, logFile });
}

async function hasPackageLists(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name.includes("_Packages"));
}

/** The lines that say why: apt and debootstrap begin them with `E:`; else the last lines that say anything. */
export function lastWords(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const spoken = lines.filter((line) => line !== "");
  const errors = spoken.filter((line) => line.startsWith("E:") || line.startsWith("Err:"));
  const words = (errors.length > 0 ? errors : spoken).slice(-3).join(" ");
  return words === "" ? "it failed without a word" : words;
}

async function removeUnfinished(options: BuildOptions): Promise<void> {
  const names = await readdir(options.cache);
  for (const name of names.filter((each) => each.startsWith(UNFINISHED))) {
    await removeTree(join(options.cache, name), options);
  }
}

/** Removes a root. debootstrap mounts /proc and /sys into it while it works; a killed one leaves them mounted. */
async function removeTree(folder: string, options: BuildOptions): Promise<void> {
  const isInside = (mount: string): boolean => !relative(folder, mount).startsWith("..");
  for (const mount of (await mountPoints()).filter(isInside).toReversed()) {
    const logFile = join(options.cache, "synapse-root.log");
    const { ok } = await runLogged(["umount", "--lazy", mount], {
      clock: options.clock,
      env: options.env,
      logFile,
      timeoutMs: 30_000,
    });
    if (!ok) throw new Error(`${mount} is still mounted; unmount it and remove ${folder}`);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function mountPoints(): Promise<string[]> {
  const table = await readFile("/proc/self/mounts", "utf8").catch(() => "");
  return table.split("\n").flatMap((line) => {
    const point = line.split(" ")[1];
    return point === undefined ? [] : [point.replaceAll("\\040", " ")];
  });
}
