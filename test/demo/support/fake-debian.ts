import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOnPath } from "../../../src/demo/child.ts";

const TOOLS = ["sh", "mkdir", "touch", "sleep", "cat", "rm", "umount"];
// debootstrap makes the outline of a root; chroot's apt-get makes Synapse in it, as in `chroot ROOT apt-get … install …`.
export const DEBOOTSTRAP = 'mkdir -p "$3/usr/bin" "$3/usr/sbin"';
export const CHROOT = 'touch "$1/usr/bin/synapse_homeserver"';

/** A folder of programs that stand for those of a Debian machine and note how they were called, and a cache folder. */
export class FakeDebian {
  readonly path: string;
  readonly cacheHome: string;
  readonly aptLists: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, "bin");
    this.cacheHome = join(folder, "cache");
    this.aptLists = join(folder, "lists");
  }

  static async make(): Promise<FakeDebian> {
    const debian = new FakeDebian(await mkdtemp(join(tmpdir(), "msn-fake-debian-")));
    await mkdir(debian.path);
    await mkdir(debian.aptLists);
    await writeFile(join(debian.aptLists, "mirror_main_binary-amd64_Packages.lz4"), "");
    for (const tool of TOOLS) {
      const real = await findOnPath(tool, process.env["PATH"] ?? "");
      if (real !== undefined) await symlink(real, join(debian.path, tool));
    }
    await debian.program("apt-get", ":");
    await debian.program("debootstrap", DEBOOTSTRAP);
    await debian.program("chroot", CHROOT);
    return debian;
  }

  /** Puts a program on the path, or another one in its place. */
  async program(name: string, script: string): Promise<void> {
    const file = join(this.path, name);
    await writeFile(file, `#!/bin/sh\necho "${name} $*" >> ${this.#folder}/calls\n${script}\n`);
    await chmod(file, 0o755);
  }

  async without(program: string): Promise<void> {
    await rm(join(this.path, program), { force: true });
  }

  /** How its programs were called, from the first to the last, without the options and paths. */
  async calls(): Promise<string[]> {
    const text = await readFile(join(this.#folder, "calls"), "utf8").catch(() => "");
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.map((line) =>
      line
        .split(" ")
        .filter((word) => !/^-|[/=]/.test(word))
        .join(" "),
    );
  }

  /** What is in our cache folder. */
  async cached(): Promise<string[]> {
    const names = await readdir(join(this.cacheHome, "matrix-appservice-msn")).catch(() => []);
    return names.toSorted((a, b) => a.localeCompare(b));
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
