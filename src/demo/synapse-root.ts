/** Where a Synapse comes from: PATH, a cached Debian root, or a root that is made now. */
import { homedir, tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { type Clock, systemClock } from "../util/clock.ts";
import { type Argv, type Environment, findOnPath } from "./child.ts";
import { buildRoot, holdsSynapse } from "./debian-root.ts";

/** How Synapse is run on this machine. */
export interface SynapseCommand {
  /** The program and its first arguments; Synapse's own follow. */
  readonly argv: Argv;
  readonly env: Environment;
  /** The folder that Synapse sees as `/`. */
  readonly root: string;
  /** The folder, inside `root`, in which each Synapse gets a folder of its own for its files. */
  readonly workFolder: string;
}

/** What is looked at to find a Synapse; everything has a default from this process. */
interface Surroundings {
  /** Folders of programs, written like the variable PATH. */
  readonly path?: string;
  /** The folder in which programs keep their caches, `$XDG_CACHE_HOME` or `~/.cache`. */
  readonly cacheHome?: string;
  readonly isRoot?: boolean;
  /** Where apt keeps its lists of packages. */
  readonly aptLists?: string;
  readonly clock?: Clock;
}

export interface FindOptions extends Surroundings {
  /** Gets short lines for people about what is being done. */
  readonly progress: (line: string) => void;
  /** Ends a fetch that is under way. */
  readonly signal?: AbortSignal;
}

/** There is no Synapse on this machine, and none can be fetched. The message says what to do. */
export class SynapseUnavailableError extends Error {
  override readonly name = "SynapseUnavailableError";
  /** Whether apt or debootstrap was asked to fetch Synapse and failed. */
  readonly aptFailed: boolean;
  /** Their own last words, if so. */
  readonly aptWords: string;

  constructor(message: string, aptWords?: string) {
    super(message);
    this.aptFailed = aptWords !== undefined;
    this.aptWords = aptWords ?? "";
  }
}

const NO_SYNAPSE =
  "No Synapse was found on this machine: install Debian's `matrix-synapse` package, or install the `matrix-synapse` " +
  "wheel into a Python venv so that `synapse_homeserver` is on PATH, or run this as root on Debian, where it can fetch " +
  "one by itself.";

// What apt needs to reach its mirrors through a proxy; nothing else of ours has a meaning inside another root.
const PROXY_VARIABLES = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/**
 * Finds a way to run Synapse: `synapse_homeserver` on PATH, else the root that an earlier call has made, else - as root
 * on a Debian-like Linux - a new root, which takes about a minute and 700 MB.
 * @throws SynapseUnavailableError when there is none and none can be had
 */
export async function findSynapse(options: FindOptions): Promise<SynapseCommand> {
  const path = options.path ?? pathWithSystemFolders();
  const onPath = await findOnPath("synapse_homeserver", path);
  if (onPath !== undefined) return { argv: [onPath], env: process.env, root: "/", workFolder: tmpdir() };

  const isRoot = options.isRoot ?? process.getuid?.() === 0;
  const chroot = await findOnPath("chroot", path);
  if (!isRoot || chroot === undefined) throw new SynapseUnavailableError(NO_SYNAPSE);

  const cache = join(options.cacheHome ?? cacheHome(), "matrix-appservice-msn");
  const root = join(cache, "synapse-root");
  const env = rootEnvironment(path);
  if (!(await holdsSynapse(root))) {
    if ((await findOnPath("apt-get", path)) === undefined) throw new SynapseUnavailableError(NO_SYNAPSE);
    const failure = await buildRoot({
      cache,
      root,
      env,
      path,
      aptLists: options.aptLists ?? "/var/lib/apt/lists",
      clock: options.clock ?? systemClock,
      progress: options.progress,
      signal: options.signal,
    });
    if (failure !== undefined) {
      throw new SynapseUnavailableError(`Synapse could not be fetched from Debian: ${failure}`, failure);
    }
  }
  return {
    argv: [chroot, root, "synapse_homeserver"],
    env,
    root,
    workFolder: join(root, "var/lib/matrix-appservice-msn"),
  };
}

// chroot and debootstrap live in folders that a plain user's PATH may lack, and root's too after `su`.
function pathWithSystemFolders(): string {
  return [process.env["PATH"] ?? "", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(delimiter);
}

function cacheHome(): string {
  const configured = process.env["XDG_CACHE_HOME"] ?? "";
  // The XDG Base Directory Specification says that a relative value is to be ignored.
  return isAbsolute(configured) ? configured : join(homedir(), ".cache");
}

function rootEnvironment(path: string): Environment {
  const proxies = PROXY_VARIABLES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(proxies),
    PATH: path,
    HOME: "/root",
    LC_ALL: "C.UTF-8",
    DEBIAN_FRONTEND: "noninteractive",
  };
}
